package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/traefik/paerser/file"
	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/config/label"
	muxer "github.com/traefik/traefik/v3/pkg/muxer/http"
)

type document struct {
	// Labels of one container each, by its name.
	Labels map[string]map[string]string `json:"labels"`
	// YAML files of the file provider, by name.
	Dynamic map[string]string `json:"dynamic"`
}

// checkDocument reads what the library writes for Traefik as Traefik itself does: labels by its decoder, files by its own
// types, rules by the parser of its router. It takes one JSON document on stdin and prints what Traefik would not take.
func checkDocument() {
	var given document
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	findings := []string{}
	find := func(where string, err error) {
		if err != nil {
			findings = append(findings, where+": "+err.Error())
		}
	}
	rules := 0
	for name, labels := range given.Labels {
		configuration, err := label.DecodeConfiguration(labels)
		find(name, err)
		if err == nil {
			rules += checkRules(name, configuration.HTTP, find)
		}
	}
	for name, content := range given.Dynamic {
		configuration := &dynamic.Configuration{}
		err := file.DecodeContent(content, ".yaml", configuration)
		find(name, err)
		if err == nil {
			rules += checkRules(name, configuration.HTTP, find)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"rules": rules, "findings": findings}); err != nil {
		os.Exit(2)
	}
}

// checkRules hands the rule of every router to the muxer that matches requests, and counts them.
func checkRules(where string, configuration *dynamic.HTTPConfiguration, find func(string, error)) int {
	if configuration == nil {
		return 0
	}
	parser, err := muxer.NewSyntaxParser()
	find(where, err)
	for name, router := range configuration.Routers {
		mux := muxer.NewMuxer(parser, nil)
		find(where+", router "+name, mux.AddRoute(router.Rule, "", router.Priority, "docker", http.NotFoundHandler()))
	}
	return len(configuration.Routers)
}
