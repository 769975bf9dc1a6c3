import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import type { Construct } from "constructs";
import type { HostProps } from "./machine";
import { dockerHost, pinnedKeyOptions } from "../../contract/ssh-options";

/** Lets a stack reach the engine of a host: the only one that it reaches. */
export function addEngineProvider(scope: Construct, { lanAddress, ssh }: HostProps): void {
  new DockerProvider(scope, "Docker", {
    host: dockerHost({ ...ssh, address: lanAddress }),
    sshOpts: pinnedKeyOptions({ address: lanAddress, port: ssh.port ?? 22, hostKey: ssh.hostKey }),
  });
}
