import { formerly, type IServicePart } from "../../constructs";

/** A part that had another key, if any is given. */
export function renamed<H>(former: string | undefined, part: IServicePart<H>): IServicePart<H> {
  return former === undefined ? part : formerly(former, part);
}
