import { DEPLOY_UID } from "../../contract/names-on-hosts";
import { checkOwner } from "../values/names";
import { quote } from "../../contract/text";

/**
 * Refuses an owner of files, or a user of a container, that is not `uid` or `uid:gid`, and one that is the deploy user
 * of the host: who breaks out of that container would be root in effect.
 */
export function checkFileOwner(
  { name, ssh }: { readonly name: string; readonly ssh: { readonly user: string; readonly uid?: number } },
  owner: string,
  subject: string,
  option: string,
): void {
  checkOwner(owner, subject, option);
  const { user, uid = DEPLOY_UID } = ssh;
  if (user === "root" || Number(owner.split(":")[0]) !== uid) return;
  throw new Error(
    `${subject}: '${option}' is ${quote(owner)}, the uid of the deploy user ${quote(user)} of host ${quote(name)}, who is root in effect: take another one here, or another 'ssh.uid' of the host`,
  );
}
