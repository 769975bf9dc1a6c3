module cdktf-homelab/readers

go 1.26

require (
	github.com/goccy/go-yaml v1.19.2
	github.com/yuin/goldmark v1.8.7
	go.yaml.in/yaml/v4 v4.0.0-rc.6
	gopkg.in/yaml.v3 v3.0.1
)
