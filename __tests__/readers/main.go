// What programs written in Go make of a document: the YAML of Traefik (yaml.v3) and of Authelia (yaml/v4), and Forgejo's
// Markdown (goldmark, with what GitHub adds). It reads `{"kind", "text"}` a line and answers each with a line of JSON.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	goccy "github.com/goccy/go-yaml"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	four "go.yaml.in/yaml/v4"
	three "gopkg.in/yaml.v3"
)

type answer struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(html.WithUnsafe()))

func read(kind, text string) (value any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	switch kind {
	case "yaml.v3":
		err = three.Unmarshal([]byte(text), &value)
	case "yaml/v4":
		err = four.Unmarshal([]byte(text), &value)
	case "goccy":
		err = goccy.Unmarshal([]byte(text), &value)
	case "markdown":
		var page bytes.Buffer
		err = markdown.Convert([]byte(text), &page)
		value = page.String()
	default:
		err = fmt.Errorf("no reader %q", kind)
	}
	return value, err
}

func main() {
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var question struct{ Kind, Text string }
		if err := json.Unmarshal(line, &question); err != nil {
			panic(err)
		}
		var given answer
		given.Value, err = read(question.Kind, question.Text)
		if err != nil {
			given = answer{Error: err.Error()}
		}
		out, err := json.Marshal(given)
		if err != nil {
			out, _ = json.Marshal(answer{Error: err.Error()})
		}
		fmt.Printf("%s\n", out)
	}
}
