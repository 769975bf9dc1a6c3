import { Access, Backup, DataFormat, HomelabService, Probe, Route, Volume, type Host, type Zone } from "../constructs";

/** Home automation. It shares the host's network, to hear the broadcasts of devices. */
export function homeAssistant(host: Host, on: { readonly zone: Zone }): HomelabService {
  return new HomelabService(host, "home-assistant", {
    image: "ghcr.io/home-assistant/home-assistant:2024.12.5", // https://www.home-assistant.io/installation/linux#docker-compose
    dataFormat: DataFormat.migrated(),
    port: 8123, // https://www.home-assistant.io/integrations/http/
    health: Probe.http("/manifest.json"), // answers without a login
    networkMode: "host", // https://www.home-assistant.io/installation/linux#docker-compose
    acknowledge: { "host-privilege:capability NET_ADMIN": "it switches the Bluetooth adapter of the host" },
    capabilities: ["NET_ADMIN", "NET_RAW"], // https://www.home-assistant.io/integrations/bluetooth/#additional-details-for-container
    parts: {
      web: Route.in(on.zone, {
        label: "home",
        access: Access.twoFactor("group:family").bypass(["/api", "/auth"], {
          reason: "the phone app signs in at Home Assistant itself",
        }),
      }),
      settings: Volume.at("/config", { mode: "0700" }),
      nightly: Backup.nightly(),
    },
  });
}
