package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"path"
	"sync/atomic"
	"syscall"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"

	"github.com/authelia/authelia/v4/internal/configuration/schema"
	"github.com/authelia/authelia/v4/internal/handlers"
	"github.com/authelia/authelia/v4/internal/logging"
	"github.com/authelia/authelia/v4/internal/middlewares"
	"github.com/authelia/authelia/v4/internal/storage"
)

// serve answers requests as Authelia does, with its providers, its middlewares and its handlers, wired as in its own
// server. It has no pages, and keeps sessions and second factors in memory. On SIGHUP it reads its configuration anew
// and keeps who is signed in.
func serve(file string) {
	config := read(file)
	check(logging.ConfigureLogger(config.Log, true))
	providers, _, errs := middlewares.NewProviders(config, nil)
	check(errors.Join(errs...))
	check(providers.SessionProvider.StartupCheck())
	check(providers.UserProvider.StartupCheck())
	var current atomic.Pointer[fasthttp.RequestHandler]
	use := func(handler fasthttp.RequestHandler) { current.Store(&handler) }
	use(handlerOf(config, providers))

	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		for range hangups {
			config := read(file)
			renewed, _, errs := middlewares.NewProviders(config, nil)
			check(errors.Join(errs...))
			check(renewed.UserProvider.StartupCheck())
			renewed.SessionProvider, renewed.StorageProvider = providers.SessionProvider, providers.StorageProvider
			use(handlerOf(config, renewed))
			logging.Logger().Info("The configuration was read anew")
		}
	}()

	listener, err := config.Server.Address.Listener()
	check(err)
	server := &fasthttp.Server{
		Handler:               func(ctx *fasthttp.RequestCtx) { (*current.Load())(ctx) },
		NoDefaultServerHeader: true,
		ReadBufferSize:        config.Server.Buffers.Read,
		WriteBufferSize:       config.Server.Buffers.Write,
	}
	check(server.Serve(listener))
}

func read(file string) *schema.Configuration {
	found := schema.NewStructValidator()
	config := load(file, found)
	check(errors.Join(found.Errors()...))
	return config
}

func handlerOf(config *schema.Configuration, providers middlewares.Providers) fasthttp.RequestHandler {
	builder := func() *middlewares.BridgeBuilder {
		return middlewares.NewBridgeBuilder(*config, providers).WithPreMiddlewares(middlewares.SecurityHeadersBase)
	}
	open := builder().Build()
	signedIn := builder().WithPostMiddlewares(middlewares.Require1FA).Build()
	routes := router.New()
	for name, endpoint := range config.Server.Endpoints.Authz {
		authz := handlers.NewAuthzBuilder().WithConfig(config).WithEndpointConfig(endpoint).Build()
		routes.GET(path.Join("/api/authz", name), open(func(ctx *middlewares.AutheliaCtx) { authz.Handler(ctx) }))
		routes.HEAD(path.Join("/api/authz", name), open(func(ctx *middlewares.AutheliaCtx) { authz.Handler(ctx) }))
	}
	routes.GET("/api/health", open(handlers.HealthGET))
	routes.GET("/api/state", open(handlers.StateGET))
	// Without the delay that hides from attackers whether an account exists.
	routes.POST("/api/firstfactor", open(handlers.FirstFactorPasswordPOST(nil)))
	routes.POST("/api/secondfactor/totp", signedIn(handlers.TimeBasedOneTimePasswordPOST))
	routes.POST("/api/logout", open(handlers.LogoutPOST))
	routes.GET("/", func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("the portal\n") })
	routes.GET("/homelab/attempts", func(ctx *fasthttp.RequestCtx) { tellAttempts(ctx, providers.StorageProvider) })
	routes.RedirectFixedPath = false
	return middlewares.LogRequest(routes.Handler)
}

// tellAttempts tells the tests by what name and address Authelia knows who tried to sign in.
func tellAttempts(ctx *fasthttp.RequestCtx, provider storage.Provider) {
	type attempt struct {
		User       string `json:"user"`
		Address    string `json:"address"`
		Successful bool   `json:"successful"`
	}
	told := []attempt{}
	if memory, ok := provider.(*storage.Memory); ok {
		for _, one := range memory.Attempts() {
			told = append(told, attempt{one.Username, one.RemoteIP.IP.String(), one.Successful})
		}
	}
	body, err := json.Marshal(told)
	check(err)
	ctx.SetBody(body)
}
