import { UNSEEN } from "./text";

/**
 * Where a synthesis says what somebody has to know: standard error, or what cdktf shows as it is. cdktf marks all of
 * standard error as an error, and shows it a second time when the synthesis fails.
 */
export function tell(text: string): void {
  const isRunByCdktf = process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS !== undefined;
  (isRunByCdktf ? process.stdout : process.stderr).write(
    `${text.replace(UNSEEN, (character) => (character === "\n" ? character : "�"))}\n`,
  );
}
