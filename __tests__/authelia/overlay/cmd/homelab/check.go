package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"

	"github.com/authelia/authelia/v4/internal/authentication"
	"github.com/authelia/authelia/v4/internal/authorization"
	"github.com/authelia/authelia/v4/internal/configuration"
	"github.com/authelia/authelia/v4/internal/configuration/schema"
	"github.com/authelia/authelia/v4/internal/configuration/validator"
)

type document struct {
	// Path of the configuration.
	Configuration string `json:"configuration"`
	// Who asks for what.
	Requests []struct {
		URL    string   `json:"url"`
		Method string   `json:"method"`
		User   string   `json:"user"`
		Groups []string `json:"groups"`
		IP     string   `json:"ip"`
	} `json:"requests"`
	// Path of the users file, in place of the configuration's; none: nobody signs in.
	Users string `json:"users"`
	// Passwords that are tried, by user.
	Passwords map[string]string `json:"passwords"`
}

type answer struct {
	Level     string `json:"level"`
	BySubject bool   `json:"by_subject"`
}

type said struct {
	Errors   []string        `json:"errors"`
	Warnings []string        `json:"warnings"`
	Answers  []answer        `json:"answers"`
	SignedIn map[string]bool `json:"signed_in"`
}

// checkDocument reads what the library writes for Authelia as Authelia itself does: the configuration by its loader and
// validator, with the variables of this process' environment; the rules by its authorizer; the users file by its
// provider. It takes one JSON document on stdin and prints what Authelia says to it.
func checkDocument() {
	var given document
	check(json.NewDecoder(os.Stdin).Decode(&given))
	found := schema.NewStructValidator()
	config := load(given.Configuration, found)
	result := said{messages(found.Errors()), messages(found.Warnings()), []answer{}, map[string]bool{}}
	if !found.HasErrors() {
		authorizer := authorization.NewAuthorizer(config)
		for _, request := range given.Requests {
			target, err := url.ParseRequestURI(request.URL)
			check(err)
			subject := authorization.Subject{Username: request.User, Groups: request.Groups, IP: net.ParseIP(request.IP)}
			bySubject, level := authorizer.GetRequiredLevel(subject, authorization.NewObject(target, request.Method))
			result.Answers = append(result.Answers, answer{level.String(), bySubject})
		}
	}
	if given.Users != "" {
		config.AuthenticationBackend.File.Path = given.Users
		provider := authentication.NewFileUserProvider(config.AuthenticationBackend.File)
		check(provider.StartupCheck())
		for user, password := range given.Passwords {
			// An error is told for a user who does not exist.
			result.SignedIn[user], _ = provider.CheckUserPassword(user, password)
		}
	}
	check(json.NewEncoder(os.Stdout).Encode(result))
}

// load does what "authelia config validate" does.
func load(path string, found *schema.StructValidator) *schema.Configuration {
	sources := configuration.NewDefaultSourcesWithDefaults([]string{path}, nil, configuration.DefaultEnvPrefix,
		configuration.DefaultEnvDelimiter, []configuration.Source{configuration.NewDefaultsSource()})
	definitions, err := configuration.LoadDefinitions(found, sources...)
	check(err)
	config := &schema.Configuration{}
	keys, err := configuration.LoadAdvanced(found, "", config, definitions, sources...)
	check(err)
	validator.ValidateKeys(keys, configuration.GetMultiKeyMappedDeprecationKeys(), configuration.DefaultEnvPrefix, found)
	validator.ValidateConfiguration(config, found)
	return config
}

func messages(errors []error) []string {
	texts := []string{}
	for _, err := range errors {
		texts = append(texts, err.Error())
	}
	return texts
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
