package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func listTests() []storeTest {
	return []storeTest{
		{"List_EveryOrderAndPageSizeShowsEachUserOnce", listPages},
		{"List_PagesContinueAfterADeletedUser", listGone},
		{"List_EveryFilter", listFilters},
		{"List_FiltersByTheRoleThatUsersActWith", listActingRoles},
		{"List_EmailPrefixIsLiteral", listPrefix},
		{"List_EmailDomainIsExact", listDomain},
		{"List_EmailPartIsLiteralAndFollowsChanges", listPart},
		{"List_FiltersAndPagesCombine", listCombined},
		{"List_ReadsABoundedNumberOfCandidates", listBroad},
	}
}

// list returns the addresses of one page.
func (s store) list(t testing.TB, q ports.UserQuery) []string {
	t.Helper()
	page, err := s.Repositories.Users.List(t.Context(), q)
	require.NoError(t, err)
	return addresses(page.Rows)
}

func addresses(users []*domain.User) []string {
	all := make([]string, 0, len(users))
	for _, u := range users {
		all = append(all, u.Email().String())
	}
	return all
}

// pages walks through all pages of q.
func (s store) pages(t testing.TB, q ports.UserQuery) []*domain.User {
	t.Helper()
	var all []*domain.User
	for {
		page, err := s.Repositories.Users.List(t.Context(), q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Rows), q.Limit)
		all = append(all, page.Rows...)
		require.LessOrEqual(t, len(all), 100, "the pages don't end")
		if len(page.Rows) < q.Limit {
			return all
		}
		q.After = keyOf(page.Rows[len(page.Rows)-1])
	}
}

func keyOf(u *domain.User) *ports.UserKey {
	return &ports.UserKey{ID: u.ID(), Email: u.Email().String(), CreatedAt: u.CreatedAt()}
}

// listPages has users with equal times, and addresses that a locale would sort
// differently from their bytes.
func listPages(t *testing.T, s store) {
	assert.Empty(t, s.list(t, ports.UserQuery{Limit: 10, Order: ports.NewestFirst}))
	for i, address := range []string{
		"ab@example.com", "a-c@example.com", "a.d@example.com", "a_b@example.com", "a@example.com",
		"b@example.com", "ab@example.org", "0@example.com", "~z@example.com", "a+b@example.com", "aa@example.com",
	} {
		s.addUser(t, address, createdAt(start.Add(time.Duration(i/4)*time.Microsecond)))
	}
	orders := map[ports.UserOrder]func(a, b *domain.User) int{
		ports.OldestFirst: func(a, b *domain.User) int {
			if c := a.CreatedAt().Compare(b.CreatedAt()); c != 0 {
				return c
			}
			return strings.Compare(a.ID().String(), b.ID().String())
		},
		ports.EmailUp: func(a, b *domain.User) int { return strings.Compare(a.Email().String(), b.Email().String()) },
	}
	orders[ports.NewestFirst] = func(a, b *domain.User) int { return orders[ports.OldestFirst](b, a) }
	orders[ports.EmailDown] = func(a, b *domain.User) int { return orders[ports.EmailUp](b, a) }
	for order, compare := range orders {
		for _, limit := range []int{1, 2, 3, 4, 11, 200} {
			all := s.pages(t, ports.UserQuery{Limit: limit, Order: order})
			assert.Len(t, all, 11, "%s by %d", order, limit)
			assert.True(t, slices.IsSortedFunc(all, compare), "%s by %d: %v", order, limit, addresses(all))
		}
	}
}

func listGone(t *testing.T, s store) {
	for i := range 4 {
		s.addUser(t, fmt.Sprintf("user%d@example.com", i), createdAt(start.Add(time.Duration(i)*time.Second)))
	}
	for _, order := range []ports.UserOrder{ports.OldestFirst, ports.EmailUp} {
		gone := s.addUser(t, "user1-gone@example.com", createdAt(start.Add(1500*time.Millisecond)))
		require.NoError(t, s.Repositories.Users.Delete(t.Context(), gone))
		rest := s.list(t, ports.UserQuery{Limit: 10, Order: order, After: keyOf(gone)})
		if order == ports.OldestFirst {
			assert.Equal(t, []string{"user2@example.com", "user3@example.com"}, rest)
		} else { // '-' sorts before '@'
			assert.Equal(t, []string{"user1@example.com", "user2@example.com", "user3@example.com"}, rest)
		}
	}
}

func listFilters(t *testing.T, s store) {
	s.addUser(t, "a@example.com")
	s.addUser(t, "b@example.com", admin, createdAt(start.Add(1*time.Second)))
	s.addUser(t, "c@example.com", disabled, createdAt(start.Add(2*time.Second)))
	s.addUser(t, "d@example.com", verified, admin, disabled, createdAt(start.Add(3*time.Second)))
	yes, no := true, false
	for name, test := range map[string]struct {
		q    ports.UserQuery
		want string
	}{
		"none":         {ports.UserQuery{}, "abcd"},
		"user":         {ports.UserQuery{Role: domain.RoleUser}, "ac"},
		"admin":        {ports.UserQuery{Role: domain.RoleAdmin}, "bd"},
		"active":       {ports.UserQuery{Status: domain.StatusActive}, "ab"},
		"disabled":     {ports.UserQuery{Status: domain.StatusDisabled}, "cd"},
		"verified":     {ports.UserQuery{Verified: &yes}, "bd"},
		"not verified": {ports.UserQuery{Verified: &no}, "ac"},
		// F-R9: from inclusive, to exclusive.
		"after":          {ports.UserQuery{CreatedAfter: start.Add(time.Second)}, "bcd"},
		"just after":     {ports.UserQuery{CreatedAfter: start.Add(time.Second + time.Microsecond)}, "cd"},
		"before":         {ports.UserQuery{CreatedBefore: start.Add(2 * time.Second)}, "ab"},
		"just before":    {ports.UserQuery{CreatedBefore: start.Add(2*time.Second + time.Microsecond)}, "abc"},
		"another zone":   {ports.UserQuery{CreatedAfter: start.Add(time.Second).In(time.FixedZone("east", 5*3600))}, "bcd"},
		"between":        {ports.UserQuery{CreatedAfter: start, CreatedBefore: start.Add(3 * time.Second)}, "abc"},
		"the next range": {ports.UserQuery{CreatedAfter: start.Add(3 * time.Second), CreatedBefore: start.Add(6 * time.Second)}, "d"},
		"an instant":     {ports.UserQuery{CreatedAfter: start.Add(time.Second), CreatedBefore: start.Add(time.Second + time.Microsecond)}, "b"},
		"no time":        {ports.UserQuery{CreatedAfter: start.Add(time.Second), CreatedBefore: start.Add(time.Second)}, ""},
		"all at once":    {ports.UserQuery{Role: domain.RoleAdmin, Status: domain.StatusDisabled, Verified: &yes, EmailPrefix: "d@", CreatedAfter: start}, "d"},
		"contradictions": {ports.UserQuery{Role: domain.RoleUser, Verified: &yes}, ""},
	} {
		test.q.Limit, test.q.Order = 10, ports.EmailUp
		got := ""
		for _, address := range s.list(t, test.q) {
			got += address[:1]
		}
		assert.Equal(t, test.want, got, name)
	}
}

// F-H3: the filter follows the role that users act with.
func listActingRoles(t *testing.T, s store) {
	s.addUser(t, "a@example.com", admin)
	s.addUser(t, "b@example.com", admin, unverified)
	s.addUser(t, "c@example.com", verified)
	s.addUser(t, "d@example.com", invitedAsAdmin)
	s.addUser(t, "e@example.com", support)
	s.addUser(t, "f@example.com", support, unverified)
	for role, want := range map[domain.Role][]string{
		domain.RoleAdmin:   {"a@example.com"},
		domain.RoleUser:    {"b@example.com", "c@example.com", "d@example.com", "f@example.com"},
		domain.RoleSupport: {"e@example.com"},
	} {
		assert.Equal(t, want, s.list(t, ports.UserQuery{Limit: 10, Order: ports.EmailUp, Role: role}))
	}
}

// B-26: wildcards of LIKE and GLOB stand for themselves, and letters are not folded.
func listPrefix(t *testing.T, s store) {
	for _, address := range []string{"a%b@example.com", "a_b@example.com", "a*b@example.com", "axb@example.com", "a?b@example.com"} {
		s.addUser(t, address)
	}
	for prefix, want := range map[string][]string{
		"a%":              {"a%b@example.com"},
		"a_":              {"a_b@example.com"},
		"a*":              {"a*b@example.com"},
		"a?":              {"a?b@example.com"},
		"ax":              {"axb@example.com"},
		"axb@example.com": {"axb@example.com"},
		"a":               {"a%b@example.com", "a*b@example.com", "a?b@example.com", "a_b@example.com", "axb@example.com"},
		"%":               {},
		"_":               {},
		"xb":              {},
		`a\`:              {},
		`\`:               {},
		`a\%`:             {},
		"[a-z]":           {},
		"A":               {},
		"a'":              {},
		"à":               {},
		"a\U0010ffff":     {},
	} {
		assert.Equal(t, want, s.list(t, ports.UserQuery{Limit: 10, Order: ports.EmailUp, EmailPrefix: prefix}), "%q", prefix)
	}
}

func listCombined(t *testing.T, s store) {
	for i := range 9 {
		edits := []func(*domain.UserSnapshot){createdAt(start)}
		if i%3 == 0 {
			edits = append(edits, admin)
		}
		s.addUser(t, fmt.Sprintf("user%d@example.com", i), edits...)
	}
	s.addUser(t, "other@example.com", createdAt(start), admin)
	for _, order := range []ports.UserOrder{ports.NewestFirst, ports.OldestFirst, ports.EmailUp, ports.EmailDown} {
		got := addresses(s.pages(t, ports.UserQuery{Limit: 1, Order: order, EmailPrefix: "user", Role: domain.RoleAdmin}))
		assert.ElementsMatch(t, []string{"user0@example.com", "user3@example.com", "user6@example.com"}, got, "%s", order)
	}
}

func listDomain(t *testing.T, s store) {
	for _, address := range []string{"a@example.com", "b@example.com", "c@sub.example.com", "d@example.co", "example.com@example.org", "e@xn--bcher-kva.example"} {
		s.addUser(t, address)
	}
	for name, want := range map[string][]string{
		"example.com": {"a@example.com", "b@example.com"}, "sub.example.com": {"c@sub.example.com"}, "example.co": {"d@example.co"},
		"xn--bcher-kva.example": {"e@xn--bcher-kva.example"}, "xample.com": {}, "%": {}, "bücher.example": {},
	} {
		for _, order := range []ports.UserOrder{ports.EmailUp, ports.OldestFirst} {
			assert.ElementsMatch(t, want, addresses(s.pages(t, ports.UserQuery{Limit: 1, Order: order, EmailDomain: name})), "%s by %s", name, order)
		}
	}
	yes := true
	assert.Empty(t, s.list(t, ports.UserQuery{Limit: 10, Order: ports.EmailUp, EmailDomain: "example.com", Verified: &yes}))
}

func listPart(t *testing.T, s store) {
	special := []string{`a"b@example.com`, "a%b@example.com", "a_b@example.com", "a'b@example.com", "a*b@example.com", "a-b@example.com", "a+b@example.com", "axb@example.com"}
	for _, address := range special {
		if _, err := domain.ParseEmail(address); err == nil {
			s.addUser(t, address)
		}
	}
	find := func(part string) []string {
		return addresses(s.pages(t, ports.UserQuery{Limit: 2, Order: ports.EmailUp, EmailPart: part}))
	}
	for _, address := range special {
		want := []string{address}
		if _, err := domain.ParseEmail(address); err != nil {
			want = []string{}
		}
		assert.Equal(t, want, find(address[:3]), address)
		assert.Equal(t, want, find(address[:6]), address)
	}
	assert.Empty(t, find("nothing"))
	assert.Empty(t, find(`exa" OR "com`))
	assert.Empty(t, find("bücher"))
	assert.Len(t, find("@example."), len(addresses(s.pages(t, ports.UserQuery{Limit: 2, Order: ports.EmailUp}))))

	u := s.addUser(t, "moving.person@example.com")
	assert.Equal(t, []string{"moving.person@example.com"}, find("ing.per"))
	row := u.Snapshot()
	row.Email = "settled@example.com"
	changed, err := domain.RestoreUser(row)
	require.NoError(t, err)
	require.NoError(t, s.Repositories.Users.Save(t.Context(), changed))
	assert.Empty(t, find("ing.per"))
	assert.Equal(t, []string{"settled@example.com"}, find("settled"))
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), s.user(t, u.ID())))
	assert.Empty(t, find("settled"))
	require.NoError(t, s.addAll(t, ports.TransferUser{User: newUser(t, "imported@example.com")}))
	assert.Equal(t, []string{"imported@example.com"}, find("mport"))
}
