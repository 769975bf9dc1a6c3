import type Docker from "dockerode";
import type { EffectRequest, Effects } from "../../../offline/effects";
import { same, type ValueMap } from "../../../offline/values";
import { containerFacts, createContainer, mebibytes } from "./docker-container";
import { number, text } from "./values";

/** What the docker provider 4.5.0 carries out when it updates a container in place; it drops all other changes. */
const APPLIED = ["restart", "max_retry_count", "cpu_shares", "memory", "memory_reservation", "cpu_set", "memory_swap"];

/**
 * The docker provider's resources on a real engine, as far as the constructs use them: made, read and destroyed as the
 * provider does, and on an update just what it applies. `engine` finds the engine of a provider by its host.
 */
export function dockerEffects(engine: (host: string) => Docker): Readonly<Record<string, Effects>> {
  const of = (provider: ValueMap): Docker => engine(text(provider.host) ?? "");
  return {
    docker_network: {
      create: async ({ provider, planned }) => {
        const network = await of(provider).createNetwork({ Name: text(planned.name) ?? "", Driver: "bridge" });
        return { id: network.id, ...(await networkFacts(network)) };
      },
      read: (provider, { id }) => unlessGone(() => networkFacts(of(provider).getNetwork(text(id) ?? ""))),
      update: nothing,
      delete: async (provider, { id }) => {
        await of(provider)
          .getNetwork(text(id) ?? "")
          .remove();
      },
    },
    docker_volume: {
      create: async ({ provider, planned }) => {
        // An existing volume of that name is taken as it is.
        const name = text(planned.name) ?? "";
        await of(provider).createVolume({ Name: name });
        const { Mountpoint } = await of(provider).getVolume(name).inspect();
        return { id: name, driver: "local", mountpoint: Mountpoint };
      },
      read: (provider, { id }) =>
        unlessGone(async () => {
          const { Mountpoint } = await of(provider)
            .getVolume(text(id) ?? "")
            .inspect();
          return { mountpoint: Mountpoint };
        }),
      update: nothing,
      delete: async (provider, { id }) => {
        await of(provider)
          .getVolume(text(id) ?? "")
          .remove({ force: true });
      },
    },
    docker_image: {
      create: async ({ provider, planned }) => {
        const name = text(planned.name) ?? "";
        const image = of(provider).getImage(name);
        const { Id, RepoDigests } = await image.inspect().catch(async () => {
          await pull(of(provider), name);
          return image.inspect();
        });
        return { id: `${Id}${name}`, image_id: Id, repo_digest: RepoDigests[0] ?? "" };
      },
      read: (provider, { name }) =>
        unlessGone(async () => ({
          image_id: (
            await of(provider)
              .getImage(text(name) ?? "")
              .inspect()
          ).Id,
        })),
      update: nothing,
      delete: async (provider, { keep_locally: keep, name }) => {
        if (keep !== true)
          await of(provider)
            .getImage(text(name) ?? "")
            .remove();
      },
    },
    docker_container: {
      create: async ({ provider, planned }) => createContainer(of(provider), planned),
      read: (provider, { id }) => unlessGone(() => containerFacts(of(provider).getContainer(text(id) ?? ""))),
      update: async ({ provider, prior, planned }) => {
        const changed = APPLIED.filter((name) => !same(prior[name], planned[name]));
        if (changed.length > 0) {
          await of(provider)
            .getContainer(text(planned.id) ?? "")
            .update({
              RestartPolicy: { Name: text(planned.restart), MaximumRetryCount: number(planned.max_retry_count) ?? 0 },
              ...mebibytes("Memory", planned.memory),
              ...mebibytes("MemorySwap", planned.memory_swap),
            });
        }
        return {};
      },
      delete: async (provider, { id, destroy_grace_seconds: grace }) => {
        const container = of(provider).getContainer(text(id) ?? "");
        await container.stop({ t: number(grace) ?? 0 }).catch((error: unknown) => {
          if ((error as { statusCode?: number }).statusCode !== 304) throw error; // it was stopped already
        });
        await container.remove({ v: true, force: true });
      },
    },
  };
}

/** What the engine alone knows of a network, as the provider puts it into a state. */
async function networkFacts(network: Docker.Network): Promise<ValueMap> {
  const { Name, Driver, Internal, IPAM, Scope } = await network.inspect();
  return {
    name: Name,
    driver: Driver,
    internal: Internal,
    scope: Scope,
    ipam_config: (IPAM?.Config ?? []).map(({ Gateway = "", IPRange = "", Subnet = "" }) => ({
      aux_address: {},
      gateway: Gateway,
      ip_range: IPRange,
      subnet: Subnet,
    })),
  };
}

async function pull(docker: Docker, name: string): Promise<void> {
  const stream: NodeJS.ReadableStream = await docker.pull(name);
  await new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, told) => (error ? reject(error) : resolve(told))),
  );
}

async function unlessGone(read: () => Promise<ValueMap>): Promise<ValueMap | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

function nothing(_request: EffectRequest): Promise<ValueMap> {
  return Promise.resolve({});
}
