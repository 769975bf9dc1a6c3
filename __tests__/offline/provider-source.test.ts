import { shortSource } from "../../offline/provider-source";
import { requiredProviders } from "../../offline/providers";

test.each([
  ["null", "hashicorp/null"],
  ["kreuzwerker/docker", "kreuzwerker/docker"],
  ["registry.terraform.io/kreuzwerker/docker", "kreuzwerker/docker"],
  ["registry.opentofu.org/kreuzwerker/docker", "kreuzwerker/docker"],
  ["registry.example.com/kreuzwerker/docker", "registry.example.com/kreuzwerker/docker"],
])("the source %s is that of %s", (source, short) => {
  expect(shortSource(source)).toBe(short);
});

test("stacks that name a provider by Terraform's and by OpenTofu's registry require one", () => {
  const stacks = ["kreuzwerker/docker", "registry.opentofu.org/kreuzwerker/docker"].map((source) => ({
    name: source,
    folder: "",
    document: { terraform: { required_providers: { docker: { source, version: "4.5.0" } } } },
  }));

  expect(requiredProviders(stacks)).toEqual({ "kreuzwerker/docker": "4.5.0" });
});
