package smuggling

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// naiveAttacks is the number of payloads for a naive gateway. It is low because the
// gateway sends them one by one and waits for answers that never come.
const naiveAttacks = 200

// The control of the probe. It finds a service that reads requests differently from
// its gateway, and finds nothing if both agree.
func TestProbe_FindsDisagreement(t *testing.T) {
	t.Parallel()
	var victims []victim
	for _, token := range []string{"a", "b", "c", "d"} {
		victims = append(victims, victim{"user of " + token, token})
	}
	for _, atGateway := range []rule{lengthCounts, chunksCount} {
		for _, atService := range []rule{lengthCounts, chunksCount} {
			t.Run("at the gateway "+string(atGateway)+", at the service "+string(atService), func(t *testing.T) {
				t.Parallel()
				f := probe(startNaiveGateway(t, atGateway, naiveService(t, atService)), victims, naiveAttacks)
				t.Logf("%d wrong and %d lost answers of %d", len(f.wrong), len(f.lost), f.asked)
				if atGateway == atService {
					assert.Empty(t, f.wrong)
				} else {
					assert.NotEmpty(t, f.wrong)
					assert.Contains(t, strings.Join(f.wrong, "\n"), hiddenMark)
				}
			})
		}
	}
}

// B-40 to B-45: even a gateway that passes on everything can safely share its
// connections with attackers.
func TestBehindNaiveGateways_VictimsGetTheirOwnAnswers(t *testing.T) {
	t.Parallel()
	folder, env := t.TempDir(), marking()
	p := program.StartLocal(t, folder, env)
	victims := signedIn(t, folder, p, env, 4)
	for _, r := range []rule{lengthCounts, chunksCount} {
		t.Run(string(r), func(t *testing.T) {
			t.Parallel()
			upstream := startRelay(t, strings.TrimPrefix(p.URL, "http://"))
			f := probe(startNaiveGateway(t, r, upstream.addr), victims, naiveAttacks)
			assert.Empty(t, f.wrong, "answers that were not the victim's own")
			seen := upstream.traffic()
			t.Logf("%d of %d lost; the service saw %+v", len(f.lost), f.asked, seen)
			assert.Less(t, len(f.lost), naiveAttacks, "some may be lost: this gateway has little patience")
			assert.Greater(t, seen.attacks, naiveAttacks/2, "payloads passed on")
			assert.Positive(t, seen.mixed, "connections shared by victims and attackers")
		})
	}
}
