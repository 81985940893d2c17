package cli

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (c *commands) userSetMetadataCommand() *cobra.Command {
	var patch domain.MetadataPatch
	var version int64
	cmd := &cobra.Command{
		Use:   "set-metadata USER [--profile JSON] [--app JSON]",
		Short: "Change the profile or the app object of a user",
		Long: `Changes the profile, which the user may change, too, or the app object, which the user
can only read. USER is an id or an e-mail address. The values are JSON Merge Patches
(RFC 7396): members that are null are deleted, objects are merged, other values replace,
and null alone empties the object. It prints both objects after the change.`,
		Example: `  auth-service user set-metadata ada@example.com --app '{"tenant":"acme"}'`,
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if patch.IsEmpty() {
				return usageError{errors.New("give --profile or --app")}
			}
			if cmd.Flags().Changed("version") {
				patch.Version = &version
			}
			if err := checkUser(args[0]); err != nil {
				return err
			}
			return c.withExistingUseCases(cmd.Context(), func(ctx context.Context, u ports.UseCases) error {
				id, err := findUser(ctx, u, args[0])
				if err != nil {
					return err
				}
				result, err := u.ChangeUser.Execute(ctx, ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id, Metadata: patch})
				if err != nil {
					return err
				}
				return printJSON(c.io.Out, map[string]any{
					"profile": json.RawMessage(result.Metadata.Profile()), "app": json.RawMessage(result.Metadata.App()), "version": result.Metadata.Version(),
				})
			})
		},
	}
	cmd.Flags().StringVar(&patch.Profile, "profile", "", "`patch` of the profile, as JSON")
	cmd.Flags().StringVar(&patch.App, "app", "", "`patch` of the app object, as JSON")
	cmd.Flags().Int64Var(&version, "version", 0, "refuse the change unless profile and app have this `version`")
	return cmd
}
