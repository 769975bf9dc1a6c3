import { shellWord } from "../../contract/text";

/** How to ask one thing with a program, in a POSIX shell. */
type Way = readonly [program: string, command: string];

/**
 * Shell text that wants an answer below 400 from a port of the loopback interface, with whatever the image has: `curl`,
 * `wget`, or `bash` alone, which is in every image that is made of Debian. The health log has what went wrong.
 */
export function httpScript(port: number, path: string): string {
  const url = shellWord(`http://127.0.0.1:${port}${path}`);
  const request = shellWord(`GET ${path} HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  const asked = [
    `exec 3<>/dev/tcp/127.0.0.1/${port} || exit 1`,
    'printf %s "$0" >&3',
    "read -r _ status _ <&3",
    'echo "answered ${status:-nothing}" >&2',
    '[ "${status:-0}" -ge 100 ] && [ "$status" -lt 400 ]',
  ].join("; ");
  return oneOf(
    [
      ["curl", `exec curl -fsS -o /dev/null ${url}`],
      ["wget", `wget -q -O /dev/null ${url} || { echo "wget got no answer below 400" >&2; exit 1; }; exit 0`],
      ["bash", `exec bash -c ${shellWord(asked)} ${request}`],
    ],
    "curl, wget or bash",
  );
}

/**
 * Shell text that wants somebody to listen at a TCP port, where a connection from the loopback interface would arrive.
 * It asks the kernel: a connection would take a program (`nc -z`, `bash`) that most images lack.
 */
export function tcpScript(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  // IPv4 in the byte order of the machine, IPv6, and IPv4 in IPv6 (proc_pid_net(5), "tcp").
  const places = ["0100007F", "7F000001", "0".repeat(8), "0".repeat(32), "0000000000000000FFFF00000100007F"];
  return [
    "for table in /proc/net/tcp /proc/net/tcp6",
    `do while read -r _ local _ state _; do case "$local $state" in ${places.map((place) => `"${place}:${hex} 0A"`).join("|")}) exit 0; esac; done 2>/dev/null <"$table"`,
    "done",
    `echo "nobody listens at port ${port}" >&2`,
    "exit 1",
  ].join("; ");
}

/** Does it in the first way whose program is there, and says so where none is. */
function oneOf(ways: readonly Way[], programs: string): string {
  return [
    ...ways.map(([program, command]) => `if command -v ${program} >/dev/null 2>&1; then ${command}; fi`),
    `echo "this probe needs ${programs}, and the image has none: use Probe.command() with a program that it has, or Probe.none() with the reason" >&2`,
    "exit 1",
  ].join("; ");
}
