import {
  Access,
  Backup,
  DataFormat,
  HomelabService,
  HostPath,
  Probe,
  Route,
  Volume,
  type Host,
  type Zone,
} from "../constructs";

/** Films and music, with the graphics card of its host. Its apps can't pass a sign-on: only the LAN reaches it. */
export function jellyfin(host: Host, on: { readonly zone: Zone }): HomelabService {
  return new HomelabService(host, "jellyfin", {
    image: "docker.io/jellyfin/jellyfin:10.10.3", // https://github.com/jellyfin/jellyfin/releases
    dataFormat: DataFormat.migrated(),
    port: 8096, // https://jellyfin.org/docs/general/networking/
    user: "1000:1000", // https://jellyfin.org/docs/general/installation/container/
    health: Probe.http("/health"), // https://jellyfin.org/docs/general/networking/monitoring/
    devices: ["/dev/dri"], // https://jellyfin.org/docs/general/administration/hardware-acceleration/
    parts: {
      web: Route.internal(on.zone, {
        label: "media",
        access: Access.public({ reason: "only the LAN reaches it, and television apps can't pass a sign-on" }),
      }),
      settings: Volume.at("/config"), // https://jellyfin.org/docs/general/installation/container/
      cache: Volume.at("/cache"),
      films: HostPath.at("/media", { from: "/mnt/nas/media" }),
      nightly: Backup.nightly({ exclude: { cache: "made again from the media" } }),
    },
    environment: ({ web }) => ({ JELLYFIN_PublishedServerUrl: web.url }),
  });
}
