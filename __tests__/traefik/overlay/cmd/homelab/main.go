// What the tests need beside Traefik: its opinion of labels and files, and certificates in place of an ACME server.
package main

import (
	"fmt"
	"os"
)

func main() {
	switch command := append(os.Args, "")[1]; command {
	case "check":
		checkDocument()
	case "certify":
		if err := certify(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: homelab check | certify FOLDER NAME...")
		os.Exit(2)
	}
}
