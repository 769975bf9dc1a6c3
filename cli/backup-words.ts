import type { BackupFacts } from "../contract/service-facts";

/** A number of bytes as people read it: `1.4 GiB`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const amount = count / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power] ?? ""}`;
}

/** How long ago something was: `3 hours ago`. */
export function age(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} hours ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}

/** How many copies are kept: `7 daily, 4 weekly, 6 monthly`. */
export function keptFor(keep: BackupFacts["keep"]): string {
  return Object.entries(keep)
    .filter(([, count]) => count > 0)
    .map(([period, count]) => `${count} ${period}`)
    .join(", ");
}
