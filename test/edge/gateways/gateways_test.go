package gateways

import (
	"testing"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
)

// scene is a gateway in front of a service and an application.
type scene struct {
	*cluster

	g           *gateway.Gateway
	user, admin tokens
	// stranger is a user whose address is not confirmed.
	stranger tokens
}

// The promises of shipped configurations about single requests, F-M2, F-A15 and F-A27 among them. These tests share
// the replicas, because they stop none.
func TestShippedConfigurations(t *testing.T) {
	t.Parallel()
	c, app := startCluster(t, "EMAIL_VERIFICATION_REQUIRED", "false"), startApp(t)
	for _, shipped := range gateway.AllShipped() {
		t.Run(shipped.Name, func(t *testing.T) {
			t.Parallel()
			g := shipped.Start(t, c.site(app))
			s := scene{c, g, signIn(t, g, userEmail), signIn(t, g, adminEmail), signIn(t, g, strangerEmail)}
			for name, test := range map[string]func(*testing.T, scene){
				"RouteTheAPIOnly":                 routeTheAPIOnly,
				"HideProbesAndMetrics":            hideProbesAndMetrics,
				"RefuseTricksWithPaths":           refuseTricksWithPaths,
				"LeadPlainTextToTLS":              leadPlainTextToTLS,
				"AskTheServiceWhoIsThere":         askTheServiceWhoIsThere,
				"NameConfirmedAddressesOnly":      nameConfirmedAddressesOnly,
				"NeverPassForgedIdentitiesOn":     neverPassForgedIdentitiesOn,
				"GuardRolesWhateverTheSpelling":   guardRolesWhateverTheSpelling,
				"PassPreflightsOnly":              passPreflightsOnly,
				"BoundRequestIDs":                 boundRequestIDs,
				"TellTheClientsAddress":           tellTheClientsAddress,
				"RefuseWhatTheServiceWouldRefuse": refuseWhatTheServiceWouldRefuse,
				"LeaveTheApplicationAlone":        leaveTheApplicationAlone,
			} {
				t.Run(name, func(t *testing.T) { test(t, s) })
			}
		})
	}
}

// eachGateway runs a test behind each gateway, all at once.
func eachGateway(t *testing.T, test func(t *testing.T, s gateway.Shipped)) {
	t.Helper()
	for _, shipped := range gateway.AllShipped() {
		t.Run(shipped.Name, func(t *testing.T) {
			t.Parallel()
			test(t, shipped)
		})
	}
}
