/** A lab as somebody begins one: a host, a zone, a service of the catalogue. */
const LAB = `
const app = new App();
const lab = new Homelab(app, {
  hosts: [{ name: "box", lanAddress: "192.168.1.2", publicAddress: "203.0.113.2", ssh: { user: "deploy", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT" } }],
  zones: { "example.com": { zoneId: "0".repeat(32), ingress: Ingress.direct() } },
});
whoami(lab.host("box"), { zone: lab.zone("example.com") });
app.synth();
`;

/** What it needs, and from where. */
const NAMES = {
  cdktf: "App",
  "cdktf-homelab": "Ingress",
  "cdktf-homelab/stacks": "Homelab",
  "cdktf-homelab/services": "whoami",
};

/** Its program, given how a name is had from a module. */
export const smallestLab = (format: (name: string, from: string) => string): string =>
  Object.entries(NAMES)
    .map(([from, name]) => format(name, from))
    .join("\n") + LAB;
