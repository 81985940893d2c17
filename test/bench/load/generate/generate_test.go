package generate

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serve runs a server of the test and returns its URL.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// run does a job with one load and returns its result.
func run(t *testing.T, base string, load Load) Result {
	t.Helper()
	load.Name = "load"
	if load.Users == nil {
		for i := range max(load.Clients, 1) {
			load.Users = append(load.Users, User{"email": strconv.Itoa(i)})
		}
	}
	outcome, err := Run(Job{Base: base, Loads: []Load{load}, Warm: 20 * time.Millisecond, Length: 300 * time.Millisecond})
	require.NoError(t, err)
	return outcome.Results["load"]
}

func TestTemplate_FillsVariables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "plain": "plain", "{{a}}": "1", "x {{a}}{{b}} y": "x 12 y"} {
		parsed, err := parseTemplate(text)
		require.NoError(t, err)
		got, err := parsed.fill(nil, User{"a": "1", "b": "2"})
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	parsed, err := parseTemplate("{{unknown}}")
	require.NoError(t, err)
	_, err = parsed.fill(nil, User{})
	require.ErrorContains(t, err, "unknown")
	_, err = parseTemplate("{{open")
	require.Error(t, err)
}

func TestRun_RefusesOtherMachines(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://192.0.2.1:80", "http://example.com", "https://127.0.0.1", "nonsense"} {
		_, err := Run(Job{Base: base, Loads: []Load{{Name: "load", Clients: 1, Users: []User{{}}}}})
		require.ErrorContains(t, err, "loopback", base)
	}
}

func TestRun_RefusesLoadsThatAreNoLoop(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]Load{
		"neither": {Users: []User{{}}}, "both": {Clients: 1, Rate: 1, Users: []User{{}}}, "too few users": {Clients: 2, Users: []User{{}}},
	} {
		_, err := Run(Job{Base: "http://127.0.0.1:1", Loads: []Load{load}})
		require.Error(t, err, name)
	}
}

// A client that is refused goes on, and a refusal is no success.
func TestClosedLoop_GoesOnAfterRefusals(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	result := run(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1)%2 == 0 {
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"code":"overloaded"}`))
	}), Load{Request: Request{Method: http.MethodGet, Path: "/", Want: []int{200}}, Clients: 2})
	assert.Positive(t, result.Answers["503 overloaded"])
	assert.Equal(t, result.Answers["503 overloaded"], result.Refused.Count)
	assert.Equal(t, result.Answers["200"], result.OK.Count)
	assert.Positive(t, result.OK.Count)
	assert.Zero(t, result.Late)
	assert.Empty(t, result.Samples, "a refusal is usual")
}

// A client whose connection the server closes connects again at once.
func TestClosedLoop_ConnectsAgain(t *testing.T) {
	t.Parallel()
	result := run(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusServiceUnavailable)
	}), Load{Request: Request{Method: http.MethodGet, Path: "/", Want: []int{200}}, Clients: 2})
	assert.Greater(t, result.Answers["503"], 2, "more than one for each client")
	assert.Len(t, result.Answers, 1)
}

// Each client has users of its own, and each request the tokens of the one before.
func TestClosedLoop_KeepsTheTokensOfEachUser(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	current := map[string]int{}
	result := run(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var in struct{ Email, Token string }
		if assert.NoError(t, json.NewDecoder(r.Body).Decode(&in)) && assert.Equal(t, strconv.Itoa(current[in.Email]), in.Token, "a token is good once") {
			current[in.Email]++
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"next": strconv.Itoa(current[in.Email])})
	}), Load{
		Request: Request{
			Method: http.MethodPost, Path: "/", Body: `{"email":"{{email}}","token":"{{token}}"}`, Want: []int{200}, Take: map[string]string{"token": "next"},
		},
		Clients: 3, Users: []User{{"email": "a", "token": "0"}, {"email": "b", "token": "0"}, {"email": "c", "token": "0"}, {"email": "d", "token": "0"}},
		Keep: true,
	})
	assert.Positive(t, result.OK.Count)
	require.Len(t, result.Users, 4)
	for _, user := range result.Users {
		assert.Equal(t, strconv.Itoa(current[user["email"]]), user["token"])
	}
}

func TestClosedLoop_TakesEachUserOnceOrInventsAddresses(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]int{}
	base := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.URL.Query().Get("email")]++
	})
	request := Request{Method: http.MethodGet, Path: "/?email={{email}}", Want: []int{200}}
	run(t, base, Load{Request: request, Clients: 2, Users: []User{{"email": "a"}, {"email": "b"}, {"email": "c"}}, Once: true})
	assert.Equal(t, map[string]int{"a": 1, "b": 1, "c": 1}, seen)
	clear(seen)
	run(t, base, Load{Request: request, Clients: 2, Fresh: true})
	assert.Greater(t, len(seen), 2, "more than one for each client")
	for email, times := range seen {
		assert.Equal(t, 1, times, email)
	}
}

func TestJudge_ToldByStatusCodeAndContent(t *testing.T) {
	t.Parallel()
	c, err := newClient("http://127.0.0.1:1", Request{Want: []int{200}, Contains: "{{email}}", Take: map[string]string{"token": "t"}})
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		status int
		body   string
		kind   string
		ok     bool
	}{
		"success":        {200, `{"email":"ada","t":"x"}`, "200", true},
		"another user":   {200, `{"email":"bob","t":"x"}`, "wrong answer", false},
		"without tokens": {200, `{"email":"ada"}`, "wrong answer", false},
		"refusal":        {503, `{"code":"overloaded"}`, "503 overloaded", false},
		"other refusal":  {429, `no problem`, "429", false},
	} {
		o, err := c.judge(tc.status, []byte(tc.body), User{"email": "ada"})
		require.NoError(t, err)
		assert.Equal(t, tc.kind, o.kind, name)
		assert.Equal(t, tc.ok, o.ok, name)
	}
}

// The times of an open loop count from the planned moments: one stall of the server
// delays every request that was planned meanwhile.
func TestOpenLoop_ChargesAStallToEveryPlannedRequest(t *testing.T) {
	t.Parallel()
	var first sync.Once
	var stalled sync.RWMutex
	result := run(t, serve(t, func(http.ResponseWriter, *http.Request) {
		first.Do(func() {
			stalled.Lock()
			time.Sleep(150 * time.Millisecond) // the stall itself
			stalled.Unlock()
		})
		stalled.RLock()
		defer stalled.RUnlock()
	}), Load{Request: Request{Method: http.MethodGet, Path: "/", Want: []int{200}}, Rate: 100})
	assert.Equal(t, 30, result.OK.Count, "300 ms at 100 a second")
	assert.Equal(t, 30, result.Lag.Count)
	assert.GreaterOrEqual(t, result.OK.Max, 150.0)
}

func TestRecord_CountsLateRefusals(t *testing.T) {
	t.Parallel()
	a, b := &record{}, &record{}
	a.add(outcome{ok: true, status: 200, kind: "200"}, time.Millisecond)
	a.add(outcome{status: 503, kind: "503 overloaded"}, LateRefusal)
	b.add(outcome{status: 503, kind: "503 unavailable"}, LateRefusal+time.Millisecond)
	b.add(outcome{status: 429, kind: "429"}, 2*LateRefusal)
	b.add(outcome{status: 500, kind: "500", detail: "oh"}, time.Second)
	result := resultOf([]*record{a, b}, 2*time.Second)
	assert.Equal(t, map[string]int{"200": 1, "503 overloaded": 1, "503 unavailable": 1, "429": 1, "500": 1}, result.Answers)
	assert.Equal(t, 1, result.Late)
	assert.Equal(t, 3, result.Refused.Count)
	assert.InDelta(t, 0.5, result.PerSecond(), 1e-9)
	assert.Equal(t, []string{"500: oh"}, result.Samples)
}

func TestEach_FailsIfARequestDoes(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/c" {
			w.WriteHeader(http.StatusTeapot)
		}
	})
	request := Request{Method: http.MethodGet, Path: "/{{email}}", Want: []int{200}}
	require.NoError(t, Each(base, request, []User{{"email": "a"}, {"email": "b"}}, 3, 0))
	require.ErrorContains(t, Each(base, request, []User{{"email": "a"}, {"email": "c"}}, 1, time.Minute), "418")
}

func TestEach_RepeatsRefusalsWhileItIsPatient(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	request := Request{Method: http.MethodGet, Path: "/", Want: []int{200}}
	require.ErrorContains(t, Each(base, request, []User{{}}, 1, 0), "503")
	require.NoError(t, Each(base, request, []User{{}}, 1, time.Minute))
}

func TestChild_DoesAJobOfText(t *testing.T) {
	t.Parallel()
	base := serve(t, func(http.ResponseWriter, *http.Request) {})
	job, err := json.Marshal(Job{
		Base: base, Length: 50 * time.Millisecond,
		Loads: []Load{{Name: "one", Request: Request{Method: http.MethodGet, Path: "/", Want: []int{200}}, Clients: 1, Users: []User{{}}}},
	})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, Child(bytes.NewReader(job), &out))
	var outcome Outcome
	require.NoError(t, json.Unmarshal(out.Bytes(), &outcome))
	assert.Positive(t, outcome.Results["one"].OK.Count)
	require.Error(t, Child(bytes.NewReader([]byte("{")), &out))
}
