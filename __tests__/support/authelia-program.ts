import * as fs from "node:fs";
import * as path from "node:path";
import { go, GoProgram } from "./go-program";

/** Handlers that answer requests for access and sign people in; all others have pages, mails or devices to themselves. */
const HANDLERS =
  /^(handler_(authz\w*|firstfactor_password|health|logout|sign_totp|state)|const|response|types|util)\.go$/;
/** Folders and files of `internal` that are left out, or that the overlay has others for. */
const LEFT_OUT = ["commands", "mocks", "model/oidc.go", "server", "storage", "suites"];

/**
 * `homelab`: Authelia's own loader, validator, authorizer, sessions and handlers without OpenID Connect, whose module no
 * registry has, and with a memory in place of its database.
 */
export const AUTHELIA = new GoProgram({
  name: "authelia",
  folder: path.join(__dirname, "../authelia"),
  module: "github.com/authelia/authelia/v4",
  take: ["internal", "go.mod", "go.sum"],
  packages: ["./cmd/homelab"],
  recipe: __filename,
  complete: (source) => {
    const internal = (...names: string[]): string => path.join(source, "internal", ...names);
    for (const name of LEFT_OUT) fs.rmSync(internal(name), { recursive: true });
    removeExcept(internal("oidc"), /^const\.go$/);
    removeExcept(internal("handlers"), HANDLERS);
    go(source, "mod", "edit", "-replace", "authelia.com/provider/oauth2=./oauth2");
  },
});

function removeExcept(folder: string, kept: RegExp): void {
  for (const name of fs.readdirSync(folder))
    if (!kept.test(name)) fs.rmSync(path.join(folder, name), { recursive: true });
}
