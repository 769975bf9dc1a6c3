/** A script that makes, in /odd, files of which an ordinary test has none. */
export const ODD_FILES = [
  "set -e; cd /odd",
  "printf x > \"$(printf 'two\\nlines')\"",
  "printf x > \"$(printf 'latin-\\344')\"",
  "printf x > ' \"quoted\" $(x) ;'",
  "printf x > ./-rf",
  "mkdir shared empty && chown 1000:2000 shared && chmod 2750 shared",
  "echo own > own && chown 12345:54321 own && chmod 4711 own && touch -d '2001-02-03 04:05:06.123456789' own",
  "echo acl > acl && setfacl -m u:1000:rw,g:2000:r acl && setfacl -d -m u:1000:rwx shared",
  "echo x > attribute && setfattr -n user.colour -v blue attribute",
  "echo x > capable && setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 capable",
  "echo hard > one && ln one two && ln one shared/three",
  "ln -s own link && ln -s /nowhere dangling && chown -h 77:88 link",
  "truncate -s 50000000 holes && printf end | dd of=holes bs=1 seek=30000000 conv=notrunc status=none",
  "mkfifo -m 600 fifo",
  "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"a socket\")'",
  "touch -d 1999-01-01 shared empty",
].join("\n");

/** A script that says all that a restore of a folder has to bring back. */
export function listed(folder: string): string {
  return [
    `cd ${folder}`,
    "find . -mindepth 1 -printf '%p %y %m %U %G %T@ %l\\n' | sort",
    "find . -type f -printf '%p %s %n\\n' | sort",
    "find . -type f -exec sha256sum {} + | sort",
    "find . -samefile one | sort",
    "find . -mindepth 1 ! -type l ! -type s -exec getfacl -n {} + 2>/dev/null | sort",
    "find . -type f -exec getfattr -d -m - {} + 2>/dev/null | sort",
  ].join("\n");
}
