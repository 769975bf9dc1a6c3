import { Ruleset } from "@cdktf/provider-cloudflare/lib/ruleset";
import { Construct } from "constructs";
import { identifier } from "../../contract/text";

/** Headers that a visitor could write, and that programs behind Cloudflare take the visitor's address from. */
const WRITTEN_BY_VISITORS = ["X-Forwarded-For", "X-Real-IP"];

/** A zone that has the rule. */
interface RuledZone extends Construct {
  readonly zoneName: string;
  readonly props: { readonly zoneId: string };
}

/**
 * The rule of a zone by which Cloudflare hands on a visitor's address and nothing that the visitor says of it. By
 * itself it appends the address to what stands in `X-Forwarded-For`, and Authelia takes the first one. After the rule
 * has removed the header, Cloudflare adds it with the address alone.
 *
 * @see https://developers.cloudflare.com/rules/transform/request-header-modification/
 * @see https://www.authelia.com/integration/proxies/forwarded-headers/#cloudflare
 */
export class VisitorAddress extends Construct {
  /** Makes the rule of a zone, once. */
  public static in(zone: RuledZone): void {
    if (!zone.node.tryFindChild(ID)) new VisitorAddress(zone);
  }

  private constructor(zone: RuledZone) {
    super(zone, ID);
    const headers = Object.fromEntries(WRITTEN_BY_VISITORS.map((name) => [name, { operation: "remove" }]));
    const ruleset = new Ruleset(this, "Resource", {
      zoneId: zone.props.zoneId,
      kind: "zone",
      phase: "http_request_late_transform",
      name: "Headers of requests",
      rules: [
        {
          ref: "visitor_address",
          description: "The visitor's address is what Cloudflare sees",
          expression: "true",
          action: "rewrite",
          actionParameters: { headers },
        },
      ],
    });
    ruleset.overrideLogicalId(identifier(`${zone.zoneName}_request_headers`));
  }
}

const ID = "Visitor Address";
