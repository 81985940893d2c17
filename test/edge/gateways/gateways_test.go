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
}

// What shipped configurations promise of single requests. Replicas are shared: none
// of these stops one.
func TestShippedConfigurations(t *testing.T) {
	t.Parallel()
	c, app := startCluster(t), startApp(t)
	for _, shipped := range gateway.AllShipped() {
		t.Run(shipped.Name, func(t *testing.T) {
			t.Parallel()
			g := shipped.Start(t, c.site(app))
			s := scene{c, g, signIn(t, g, userEmail), signIn(t, g, adminEmail)}
			for name, test := range map[string]func(*testing.T, scene){
				"RouteTheAPIOnly":                 routeTheAPIOnly,
				"HideProbesAndMetrics":            hideProbesAndMetrics,
				"RefuseTricksWithPaths":           refuseTricksWithPaths,
				"LeadPlainTextToTLS":              leadPlainTextToTLS,
				"AskTheServiceWhoIsThere":         askTheServiceWhoIsThere,
				"NeverPassForgedIdentitiesOn":     neverPassForgedIdentitiesOn,
				"GuardRolesWhateverTheSpelling":   guardRolesWhateverTheSpelling,
				"BoundRequestIDs":                 boundRequestIDs,
				"TellTheClientsAddress":           tellTheClientsAddress,
				"RefuseWhatTheServiceWouldRefuse": refuseWhatTheServiceWouldRefuse,
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
