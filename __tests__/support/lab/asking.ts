import type { Synthesis } from "../synthesis";
import type { WireAnswer, WireRequest } from "./client";
import type { Entry } from "./entries";
import { ASKERS, signIn, type Asker } from "./people";
import type { RunningLab } from "./running-lab";
import type { Trick } from "./tricks";

/** Somebody's request at a name and path, by a way in, plain or with a trick. */
export interface Question {
  readonly asker: Asker;
  readonly host: string;
  readonly path: string;
  readonly entry: Entry;
  readonly trick?: Trick;
  /** A path that is open at this name, for tricks that pretend to ask for it. */
  readonly open?: string;
  readonly protocol?: "HTTP/1.1" | "HTTP/2";
  readonly upgrade?: boolean;
  /** The zone whose cookie is sent, where it is not the name's. */
  readonly cookieOf?: string;
}

/** What came back, and who answered. */
export interface Outcome extends WireAnswer {
  /** The service that got the request; undefined when a proxy or the sign-on answered in its place. */
  readonly service: string | undefined;
  /** The request as the service got it. */
  readonly got?: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
}

/** Asks a lab as people who have signed in. */
export class Asking {
  /** Signs everybody in, in each zone; `address` is the proxy's before the sign-on. */
  public static async in(lab: RunningLab, address: string): Promise<Asking> {
    const cookies = new Map<string, string>();
    for (const { name: zone } of lab.made.manifest.zones)
      for (const asker of ASKERS) cookies.set(`${asker.name} ${zone}`, await signIn(lab, zone, asker, address));
    return new Asking(lab, cookies);
  }

  private constructor(
    private readonly lab: RunningLab,
    private readonly cookies: ReadonlyMap<string, string>,
  ) {}

  /** Asks one question. */
  public async ask(question: Question): Promise<Outcome> {
    const answer = await this.lab.send(question.entry.place, this.wire(question));
    const name = answer.headers["x-answered-by"];
    const { made } = this.lab;
    if (typeof name === "string") {
      const got = answer.status === 101 ? {} : { got: JSON.parse(answer.body) };
      return { ...answer, ...got, service: serviceOf(made, name) };
    }
    // Traefik's own API has no service behind it; nobody else answers with JSON.
    const isApi = answer.status === 200 && String(answer.headers["content-type"]).startsWith("application/json");
    const dashboard = made.manifest.services.find(({ routes }) =>
      routes.some(({ part, hosts }) => part === "dashboard" && hosts.includes(question.host)),
    );
    const isPortal = answer.body === "the portal\n";
    return { ...answer, service: isPortal ? "authelia" : isApi ? dashboard?.name : undefined };
  }

  /** Asks many, some at once. */
  public async all(questions: readonly Question[]): Promise<readonly (readonly [Question, Outcome])[]> {
    const answers: (readonly [Question, Outcome])[] = [];
    const waiting = questions.entries();
    const work = async (): Promise<void> => {
      for (const [index, question] of waiting) answers[index] = [question, await this.ask(question)];
    };
    await Promise.all(Array.from({ length: 12 }, work));
    return answers;
  }

  private wire({ asker, host, path, entry, trick, open = "/", upgrade, protocol, cookieOf }: Question): WireRequest {
    const zone = cookieOf ?? this.lab.made.manifest.zones.find(({ name }) => host.endsWith(`.${name}`))?.name ?? "";
    const cookie = this.cookies.get(`${asker.name} ${zone}`) ?? "";
    const headers = [
      ...["Host", trick?.host?.(host) ?? host],
      ...(cookie === "" ? [] : ["Cookie", cookie]),
      ...(upgrade ? ["Connection", "Upgrade", "Upgrade", "websocket"] : []),
      ...(upgrade ? ["Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="] : []),
      ...(trick?.headers?.({ host, open }) ?? []),
    ];
    return {
      address: entry.address,
      name: host,
      method: "GET",
      path: trick?.path?.({ guarded: path, open, host }) ?? path,
      headers: entry.through(headers),
      ...(upgrade && { upgrade }),
      ...(protocol && { protocol }),
    };
  }
}

/** The service that a container belongs to. */
function serviceOf({ manifest }: Synthesis, container: string): string {
  const found = manifest.services.find(
    (service) => service.container === container || service.companions.some((one) => one.container === container),
  );
  return found?.name ?? container;
}

/** A question in words, for a message. */
export function told({ asker, host, path, entry, trick, protocol, upgrade, cookieOf }: Question): string {
  const more = [trick?.name, protocol, upgrade && "websocket", cookieOf && `cookie of ${cookieOf}`].filter(Boolean);
  return `${asker.name} at ${host}${path} by ${entry.name}${more.length > 0 ? `, ${more.join(", ")}` : ""}`;
}
