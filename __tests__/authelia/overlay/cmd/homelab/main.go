// Authelia as the tests need it: one that says what it thinks of files, and one that answers requests.
package main

import (
	"fmt"
	"os"
)

func main() {
	switch command := append(os.Args, "")[1]; command {
	case "check":
		checkDocument()
	case "serve":
		serve(os.Args[2])
	default:
		fmt.Fprintln(os.Stderr, "usage: homelab check | serve CONFIGURATION")
		os.Exit(2)
	}
}
