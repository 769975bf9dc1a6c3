import { plain } from "../contract/plain";
import { withoutSecrets } from "./without-secrets";

/** A tunnel of a Cloudflare account. */
export interface Tunnel {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
}

/** The calls of Cloudflare's API that make a tunnel: https://developers.cloudflare.com/api/resources/zero_trust/subresources/tunnels/ */
export class CloudflareApi {
  public constructor(
    private readonly accountId: string,
    private readonly token: string,
    private readonly base: string,
  ) {}

  /** The tunnel of a name, if there is one. */
  public async findTunnel(name: string): Promise<Tunnel | undefined> {
    const found = await this.ask<Tunnel[]>("GET", `?is_deleted=false&name=${encodeURIComponent(name)}`);
    return found.find((tunnel) => tunnel.name === name);
  }

  /** Makes a tunnel whose ingress is kept at Cloudflare. */
  public createTunnel(name: string): Promise<Tunnel> {
    return this.ask<Tunnel>("POST", "", { name, config_src: "cloudflare" });
  }

  /** The token of a tunnel's connector. */
  public connectorToken(id: string): Promise<string> {
    return this.ask<string>("GET", `/${id}/token`);
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.base}/accounts/${encodeURIComponent(this.accountId)}/cfd_tunnel${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    }).catch((error: unknown) => {
      throw new Error(`Cloudflare can't be asked: ${this.harmless(reasonOf(error))}`);
    });
    const answer = (await response.json().catch(() => ({}))) as {
      readonly success?: boolean;
      readonly result?: T;
      readonly errors?: readonly { readonly message?: string }[];
    };
    if (!response.ok || !answer.success || answer.result === undefined) {
      const said = (answer.errors ?? []).flatMap(({ message }) => message ?? []).join("; ");
      throw new Error(
        `Cloudflare answers ${response.status}${said ? `: ${this.harmless(said)}` : ""}; the token needs the right Account / Cloudflare Tunnel / Edit`,
      );
    }
    return answer.result;
  }

  /** What somebody else said, in one line, and without the token where it is quoted. */
  private harmless(said: string): string {
    return plain(withoutSecrets(said, [this.token])).slice(0, 300);
  }
}

/** What fetch says is in its cause. */
function reasonOf(error: unknown): string {
  const { message = "no answer", cause } = error as { message?: string; cause?: { message?: string } };
  return cause?.message === undefined ? message : `${message}: ${cause.message}`;
}
