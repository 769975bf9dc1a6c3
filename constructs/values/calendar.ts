import { quote } from "../../contract/text";

/** A five-field cron line as a systemd calendar event (systemd.time(7)). */
export function calendarOfCron(line: string, subject: string): string {
  const fields = line.trim().split(/\s+/);
  const refuse = (why: string): never => {
    throw new Error(`${subject}: 'schedule' ${why}, for example "30 2 * * 1-5", got ${quote(line)}`);
  };
  if (fields.length !== 5) refuse("must be a cron line of five fields");
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (day !== "*" && weekday !== "*") {
    refuse("must not limit both the day of the month and the day of the week, which cron means as either");
  }
  const part = (text: string, from: number, to: number): string =>
    range(text, from, to) ?? refuse(`has no value for ${quote(text)}`);
  const days = weekday === "*" ? "" : `${weekdays(weekday) ?? refuse(`has no weekday ${quote(weekday)}`)} `;
  return `${days}*-${part(month, 1, 12)}-${part(day, 1, 31)} ${part(hour, 0, 23)}:${part(minute, 0, 59)}:00`;
}

function range(text: string, from: number, to: number): string | undefined {
  const items = text.split(",").map((item) => {
    const match = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(item);
    if (!match) return undefined;
    const [, any, first, last, step] = match;
    const numbers = [first, last].filter((value) => value !== undefined).map(Number);
    if (numbers.some((value) => value < from || value > to) || (last !== undefined && Number(first) > Number(last)))
      return undefined;
    if (step !== undefined && (Number(step) < 1 || Number(step) > to)) return undefined;
    if (any) return step === undefined ? "*" : `${two(from)}..${two(to)}/${step}`;
    if (last !== undefined) return `${two(Number(first))}..${two(Number(last))}${step === undefined ? "" : `/${step}`}`;
    return step === undefined ? two(Number(first)) : `${two(Number(first))}..${two(to)}/${step}`;
  });
  return items.includes(undefined) ? undefined : items.join(",");
}

function weekdays(text: string): string | undefined {
  const names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const name = (value: string): string | undefined =>
    /^\d$/.test(value) ? names[Number(value)] : names.find((known) => known.toLowerCase() === value.toLowerCase());
  const items = text.split(",").map((item) => {
    const ends = item.split("-").map(name);
    return ends.length > 2 || ends.includes(undefined) ? undefined : ends.join("..");
  });
  return items.includes(undefined) ? undefined : items.join(",");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
