import {
  App,
  Aspects,
  Fn,
  LocalBackend,
  TerraformCount,
  TerraformElement,
  TerraformLocal,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
  Token,
  Lazy,
  TerraformIterator,
} from "cdktf";
import { Container } from "@cdktf/provider-docker/lib/container";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { DataDockerNetwork } from "@cdktf/provider-docker/lib/data-docker-network";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Construct, type IConstruct } from "constructs";
import { Backend, FailureDomainStack } from "../../stacks";
import { synthesize } from "../support/synthesis";

function stackOf(build: (stack: FailureDomainStack) => void): any {
  return synthesize((app) => {
    const stack = new FailureDomainStack(app, "test");
    new DockerProvider(stack, "docker");
    build(stack);
  }).stacks.test;
}

test("an address is the way to the resource, in snake case", () => {
  const { resource } = stackOf((stack) => {
    new Volume(new Construct(new Construct(stack, "paperless-ngx"), "mediaFiles"), "Resource", { name: "a" });
    new Volume(stack, "2fauth", { name: "b" });
  });

  expect(Object.keys(resource.docker_volume).sort()).toEqual(["_2fauth", "paperless_ngx_media_files"]);
});

test("fails for two resources with one address", () => {
  expect(() =>
    stackOf((stack) => {
      new Volume(new Construct(stack, "a-b"), "c", {});
      new Volume(new Construct(stack, "a"), "b-c", {});
    }),
  ).toThrow('stack "test": "test/a-b/c" and "test/a/b-c" would both have the address docker_volume.a_b_c, rename one');
});

test("a value of another stack is refused, and who uses it is named", () => {
  expect(() =>
    synthesize((app) => {
      const one = new FailureDomainStack(app, "one");
      const two = new FailureDomainStack(app, "two");
      new DockerProvider(one, "docker");
      new DockerProvider(two, "docker");
      const network = new Network(one, "network", { name: "n" });
      new Volume(two, "volume", { name: network.id });
    }),
  ).toThrow(
    'two/volume: a value of stack "one" is used in stack "two", which would copy that stack\'s state into this one',
  );
});

test("fails below anything but the app", () => {
  expect(() => synthesize((app) => new FailureDomainStack(new Construct(app, "group"), "test"))).toThrow(
    'stack "test" must be a direct child of the App, got "group"',
  );
});

test("a local state is named relative to where Terraform runs", () => {
  const { stacks } = synthesize(
    (app) => new FailureDomainStack(app, "test", { backend: Backend.local({ directory: "state" }) }),
  );

  expect(stacks.test?.terraform.backend.local.path).toMatch(/^(\.\.\/)+.*state\/test\.tfstate$/);
});

test("a state in a bucket is locked, and has no credentials in the configuration", () => {
  const { stacks } = synthesize(
    (app) =>
      new FailureDomainStack(app, "test", {
        backend: Backend.s3({ bucket: "states", endpoint: "https://minio.example.com" }),
      }),
  );

  expect(stacks.test?.terraform.backend.s3).toEqual({
    bucket: "states",
    key: "homelab/test.tfstate",
    region: "us-east-1",
    endpoints: { s3: "https://minio.example.com" },
    use_lockfile: true,
    use_path_style: true,
    skip_credentials_validation: true,
    skip_metadata_api_check: true,
    skip_region_validation: true,
    skip_requesting_account_id: true,
    skip_s3_checksum: true,
  });
});

test("providers are pinned exactly", () => {
  expect(stackOf(() => undefined).terraform.required_providers).toEqual({
    docker: { source: "kreuzwerker/docker", version: "4.5.0" },
  });
});

/** Names as this library gives them to what stands right in the stack, resolution as cdktf does it. */
class CdktfResolution extends TerraformStack {
  protected override allocateLogicalId(element: TerraformElement): string {
    return element.node.id;
  }
}

function awkward(stack: TerraformStack): void {
  new LocalBackend(stack, { path: "x.tfstate" });
  new DockerProvider(stack, "docker", { host: "unix:///var/run/docker.sock" });
  stack.addOverride("terraform.required_providers.docker.version", "4.5.0");
  const variable = new TerraformVariable(stack, "count", { type: "number", default: 2 });
  const words = new TerraformVariable(stack, "words", { type: "list(string)", default: ["a", "b"] });
  const local = new TerraformLocal(stack, "local", { a: { b: variable.numberValue }, c: [1, "x", null, true] });
  const network = new Network(stack, "network", {
    name: Fn.join("-", [local.fqn, "n", Fn.upper("x")]),
    driver: Lazy.stringValue({ produce: () => "bridge" }),
  });
  const data = new DataDockerNetwork(stack, "data", { name: "host" });
  const container = new Container(stack, "container", {
    name: `c-${variable.stringValue}`,
    image: "x",
    command: words.listValue,
    env: [`A=${network.id}`, 'B="quoted" \\ back \n newline', "${raw.reference}", "$${escaped}"],
    dns: Token.asList(Fn.tolist(words.listValue)),
    memory: variable.numberValue,
    labels: Lazy.anyValue({ produce: () => [{ label: "a", value: network.name }] }),
    sysctls: { [`net.x`]: "1" },
    ports: [{ internal: 80, external: Token.asNumber(Fn.element([1, 2], 0)) }],
    networksAdvanced: [{ name: data.id }],
    lifecycle: { ignoreChanges: ["env"], createBeforeDestroy: true },
    dependsOn: [network],
  });
  container.putHost(TerraformIterator.fromList(words.listValue).dynamic({ host: "h", ip: "1.1.1.1" }));
  container.addOverride("shm_size", variable.numberValue);
  new Volume(stack, "counted", { name: "v", count: TerraformCount.of(2) });
  new Volume(stack, "moved", { name: "m" }).moveFromId("docker_volume.before");
  new TerraformOutput(stack, "output", {
    value: { id: container.id, all: Fn.merge([{ a: 1 }, { b: network.id }]) },
    sensitive: true,
  });
  stack.addOverride("locals.extra", `${network.id}-x`);
  stack.addOverride("resource.docker_container.container.ports.0.internal", 81);
  stack.addOverride("resource.docker_container.container.networks_advanced", [{ name: "more" }]);
  stack.addOverride("resource.docker_container.other", { name: "other", image: network.id });
  Aspects.of(stack).add({
    visit: (node: IConstruct) => {
      if (node instanceof Volume) node.addOverride("driver", "local");
    },
  });
}

test("what is resolved with less work is what cdktf makes", () => {
  const own = synthesize((app: App) => {
    class Plain extends FailureDomainStack {
      public constructor() {
        // The awkward stack brings its own backend, as the other one does.
        super(app, "test", { backend: { attach: () => undefined } as unknown as Backend });
        awkward(this);
      }
    }
    new Plain();
  });
  const cdktf = synthesize((app: App) => awkward(new CdktfResolution(app, "test")));

  expect(own.stacks.test).toEqual(cdktf.stacks.test);
});
