import type { ContainerConfig } from "@cdktf/provider-docker/lib/container";
import { Image } from "../container/image";
import type { Parts } from "../part/part";
import { capability, device, renderResources } from "../container/resources";
import { literal, quote } from "../../contract/text";
import { checkText } from "../values/text-limits";
import type { WorkloadProps } from "./workload-props";

/** What the container itself is made of, without its parts. */
export type ContainerProps = Omit<WorkloadProps<Parts>, "parts" | "files" | "environment" | "command"> & {
  /**
   * The arguments of the entry point.
   *
   * @default - the image's own
   */
  readonly command?: readonly string[];
};

/** The attributes of `docker_container` that do not come from parts, with what nobody can forget. */
export function containerConfig(props: ContainerProps, subject: string): Omit<ContainerConfig, "name" | "image"> {
  const health = props.health.render(
    props.port,
    subject,
    typeof props.image === "string" ? Image.of(props.image) : props.image,
  );
  const added = (props.capabilities ?? []).map((name) => capability(name, subject)).sort();
  const strict = props.hardening?.strict ?? false;
  return {
    command: nonEmpty(props.command, subject, "command"),
    entrypoint: nonEmpty(props.entrypoint, subject, "entrypoint"),
    user: props.user,
    restart: props.restart ?? "unless-stopped",
    healthcheck: health && { ...health, test: words(health.test, subject, "health") },
    wait: health !== undefined,
    waitTimeout: health && 300,
    destroyGraceSeconds: props.stopGracePeriod?.toSeconds() ?? 30, // else the provider kills at once
    securityOpts: ["no-new-privileges:true"],
    readOnly: strict || undefined,
    capabilities: added.length > 0 || strict ? { add: added, drop: strict ? ["ALL"] : [] } : undefined,
    devices: props.devices?.map((spec) => device(spec, subject)),
    logDriver: "json-file",
    logOpts: { "max-file": "3", "max-size": "10m" },
    ...renderResources(props.resources ?? {}, subject),
  };
}

function nonEmpty(list: readonly string[] | undefined, subject: string, option: string): string[] | undefined {
  if (list?.some((word) => word === "")) {
    throw new Error(
      `${subject}: '${option}' must not contain an empty word, which the docker provider refuses, got ${quote(list)}`,
    );
  }
  return list && words(list, subject, option);
}

function words(list: readonly string[], subject: string, option: string): string[] {
  for (const word of list) checkText(word, subject, `'${option}'`);
  return list.map(literal);
}
