import { App, TerraformStack } from "cdktf";
import { Host, HomelabService, Ingress, Probe, Route, Zone, type HostProps } from "../../constructs";
import { EdgeStack, HostStack } from "../../stacks";

const box: HostProps = {
  name: "box",
  lanAddress: "192.168.1.10",
  publicAddress: "203.0.113.10",
  ssh: { user: "deploy", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT" },
};
const example = { zoneId: "0123456789abcdef0123456789abcdef", ingress: Ingress.direct() };

/** The library's stacks, without an inventory. */
export function withStacks(app: App) {
  const { host } = new HostStack(app, "box", { host: box });
  const zone = new EdgeStack(app, "edge").addZone("example.com", example);
  return blog(host, zone);
}

/** Everything in one stack that is somebody's own. */
export function inOneStack(app: App) {
  const stack = new TerraformStack(app, "everything");
  return blog(new Host(stack, "box", box), new Zone(stack, "example.com", example));
}

function blog(host: Host, zone: Zone) {
  const service = new HomelabService(host, "blog", {
    image: "docker.io/library/nginx:1.27.3",
    port: 80,
    health: Probe.http("/"),
    parts: { web: Route.in(zone) },
  });
  service.container.addOverride("shm_size", 128); // what the library has no option for
  return service;
}
