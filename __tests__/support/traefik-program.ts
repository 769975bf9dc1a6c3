import * as fs from "node:fs";
import * as path from "node:path";
import { copy, go, GoProgram } from "./go-program";

const LEGO = "github.com/go-acme/lego/v5";

/**
 * `traefik`, the whole program, and `homelab`, which reads labels and files with its packages. Of the DNS challenges it
 * has Cloudflare's only, and no pages for its dashboard: the modules of the others can't all be had everywhere, and the
 * registry's module has no built pages.
 */
export const TRAEFIK = new GoProgram({
  name: "traefik",
  folder: path.join(__dirname, "../traefik"),
  module: "github.com/traefik/traefik/v3",
  take: ["cmd", "pkg", "internal", "webui", "go.mod", "go.sum"],
  packages: ["./cmd/traefik", "./cmd/homelab"],
  recipe: __filename,
  complete: (source, program) => {
    const lego = path.join(source, "lego");
    fs.mkdirSync(lego);
    const { Dir } = program.modulesOf(source, LEGO);
    copy([`${Dir}/.`], lego);
    go(source, "mod", "edit", "-replace", `${LEGO}=./lego`);
  },
});
