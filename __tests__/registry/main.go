// A registry of images in a folder: the distribution registry without the drivers of clouds.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func main() {
	address, folder := os.Args[1], os.Args[2]
	config := &configuration.Configuration{
		Storage: configuration.Storage{"filesystem": configuration.Parameters{"rootdirectory": folder}},
	}
	config.Log.Level = "warn"
	config.HTTP.Secret = "one process only"
	listener, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	app := handlers.NewApp(context.Background(), config)
	fmt.Println(listener.Addr())
	panic(http.Serve(listener, app))
}
