package smuggling

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// attacksPerGateway is how many payloads each gateway is sent.
const attacksPerGateway = 1000

// B-46: behind a gateway that shares its connections, each victim gets only its own
// answer.
func TestBehindGateways_VictimsGetTheirOwnAnswers(t *testing.T) {
	t.Parallel()
	folder, env := t.TempDir(), marking()
	p := program.StartLocal(t, folder, env)
	victims := signedIn(t, folder, p, env, 8)
	for _, kind := range gateway.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			upstream := startRelay(t, strings.TrimPrefix(p.URL, "http://"))
			f := probe(kind.Start(t, upstream.addr).Addr, victims, attacksPerGateway)
			assert.Empty(t, f.wrong, "answers that were not the victim's own")
			assert.Empty(t, f.lost, "requests without an answer")
			assert.Equal(t, attacksPerGateway, f.attacks)
			assert.Equal(t, 2*attacksPerGateway, f.asked)

			// Without shared connections, this test proves nothing.
			seen := upstream.traffic()
			t.Logf("%d attacks, %d answered; the service saw %+v", f.attacks, f.answered, seen)
			assert.Equal(t, f.asked, seen.asked)
			assert.Positive(t, seen.shared, "connections shared by victims")
			assert.Positive(t, seen.mixed, "connections shared by victims and attackers")
			assert.Less(t, seen.connections, f.asked, "connections were kept")
		})
	}
}
