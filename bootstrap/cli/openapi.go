package cli

import (
	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/ports"
)

func (c *commands) openAPICommand() *cobra.Command {
	return &cobra.Command{
		Use:   "openapi",
		Short: "Print the OpenAPI 3.1 document",
		Long: `Prints the OpenAPI 3.1 document of the API, to generate clients from it or to
configure a gateway. The running service serves the same document at
/api/auth/openapi.json.`,
		Example: "  auth-service openapi > openapi.json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			server, err := httpapi.New(httpapi.Config{PublicURL: config.Default().HTTP.PublicURL}, ports.UseCases{})
			if err != nil {
				return err
			}
			document, err := server.OpenAPI()
			if err != nil {
				return err
			}
			_, err = c.io.Out.Write(document)
			return err
		},
	}
}
