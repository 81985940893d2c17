package jws_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
)

// T-14 in tokens: a name given twice has no meaning, and bytes must be UTF-8.
func TestRead_RefusesAmbiguousJSON(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		h, c := text(t, x.head), text(t, claims)
		x.accepts(t, x.forgeText(t, " "+h+" ", c))
		for name, token := range map[string]string{
			"alg twice":             x.forgeText(t, `{"alg":"none",`+h[1:], c),
			"kid twice":             x.forgeText(t, `{"kid":"x",`+h[1:], c),
			"iss twice":             x.forgeText(t, h, `{"iss":"elsewhere",`+c[1:]),
			"iss twice, one quoted": x.forgeText(t, h, `{"\u0069ss":"elsewhere",`+c[1:]),
			"exp twice":             x.forgeText(t, h, c[:len(c)-1]+`,"exp":4102444800}`),
			"unknown name twice":    x.forgeText(t, h, `{"x":1,"x":2,`+c[1:]),
			"twice in an object":    x.forgeText(t, h, `{"x":{"y":1,"y":1},`+c[1:]),
			"twice in a list":       x.forgeText(t, h, `{"x":[0,[{"y":1,"z":2,"y":1}]],`+c[1:]),
			"trailing data":         x.forgeText(t, h, c+"{}"),
			"a trailing comma":      x.forgeText(t, h, c[:len(c)-1]+",}"),
			"invalid UTF-8":         x.forgeText(t, h, `{"x":"`+"\xff"+`",`+c[1:]),
			"invalid UTF-8 names":   x.forgeText(t, h, `{"`+"\xff"+`":1,`+c[1:]),
			"lone surrogate":        x.forgeText(t, h, `{"x":"\ud800",`+c[1:]),
			"lone surrogate inside": x.forgeText(t, h, `{"x":[{"y":["\udc00"]}],`+c[1:]),
			"header an array":       x.forgeText(t, "["+h+"]", c),
			"header null":           x.forgeText(t, "null", c),
			"claims an array":       x.forgeText(t, h, "["+c+"]"),
			"claims null":           x.forgeText(t, h, "null"),
			"claims a text":         x.forgeText(t, h, `"`+encode([]byte(c))+`"`),
			"no JSON":               x.forgeText(t, h, "role=admin"),
		} {
			x.refuses(t, token, name)
		}
	})
}

// Strictness refuses nothing that has one meaning: all of these claims are returned
// as they are spelled.
func TestRead_ReadsEveryFormOfJSON(t *testing.T) {
	t.Parallel()
	x := specimen{keys: accepted(), sign: signEd, head: object{"alg": "EdDSA", "kid": edID, "typ": "at+jwt"}}
	for _, body := range everyForm {
		got, err := x.keys.Read("at+jwt", x.forgeText(t, text(t, x.head), body))
		require.NoError(t, err, body)
		var want map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(body), &want))
		assert.Equal(t, jws.Object(want), got, body)
	}
	head := " {\r\n\t\"\\u0061lg\" : \"Ed\\u0044SA\" ,\"kid\":\"" + edID + "\",\"typ\":\"at\\u002bjwt\"}\n"
	x.accepts(t, x.forgeText(t, head, `{"a":1}`))
}

// everyForm are objects with one meaning.
var everyForm = []string{
	"{}", " { } ", `{"":""}`, `{"a":{},"b":[],"c":[[],{}],"d":[{"d":{"d":0}}]}`,
	"\t{\r\n\"a\" : [ 1 , -0.5e+3 , true , false , null ] , \"b\" : { \"c\" : \"d\" } \n}\n",
	`{"a":"\"","\"":"\\","\\":"\\\"","b":"{[,:]}","{\"x\":1,\"x\":2}":0}`,
	`{"a":"\u00e9\ud83d\ude00\u0000","é😀":"é😀","A":1,"a ":2}`,
	`{"a":[{"x":1},{"x":2}],"x":{"x":{"x":1}}}`,
}

func TestObject_GetsMembersByTheirExactNamesAndTypes(t *testing.T) {
	t.Parallel()
	o := jws.Object{
		"a": []byte(`"x"`), "B": []byte(`1`), "c": []byte(`null`), "d": []byte(`["x","y"]`), "e": []byte(`1.5`),
		"escaped": []byte(`"\u0078\"\\"`), "least": []byte(`-9223372036854775808`), "more": []byte(`9223372036854775808`),
	}
	var one string
	var number int64
	var several []string
	require.NoError(t, o.Get("a", &one))
	assert.Equal(t, "x", one)
	require.NoError(t, o.Get("B", &number))
	assert.EqualValues(t, 1, number)
	require.NoError(t, o.Get("d", &several))
	assert.Equal(t, []string{"x", "y"}, several)
	require.NoError(t, o.Get("escaped", &one))
	assert.Equal(t, `x"\`, one)
	require.NoError(t, o.Get("least", &number))
	assert.EqualValues(t, math.MinInt64, number)
	one, number = "x", 1
	for name, into := range map[string]any{"A": &one, "b": &number, "B": &one, "c": &one, "d": &one, "e": &number, "f": &one, "more": &number} {
		assert.ErrorIs(t, o.Get(name, into), jws.ErrToken, name)
	}
	require.NoError(t, o.GetOptional("f", &one))
	assert.Equal(t, "x", one, "as it was")
	assert.EqualValues(t, 1, number, "as it was")
	require.NoError(t, o.GetOptional("B", &number))
	for name, into := range map[string]any{"B": &one, "c": &one, "d": &number} {
		assert.ErrorIs(t, o.GetOptional(name, into), jws.ErrToken, name)
	}
}

// FuzzRead: whatever claims arrive under a valid signature, the reader returns its
// one error or the members as they are.
func FuzzRead(f *testing.F) {
	x := specimen{keys: accepted(), sign: signEd}
	head := object{"alg": "EdDSA", "kid": edID, "typ": "at+jwt"}
	for _, seed := range append([]string{text(f, claims), `{"x":1,"x":2}`, "[]", "null", ""}, everyForm...) {
		f.Add(text(f, head), seed)
	}
	f.Fuzz(func(t *testing.T, h, body string) {
		got, err := x.keys.Read("at+jwt", x.forgeText(t, h, body))
		if err != nil {
			require.ErrorIs(t, err, jws.ErrToken)
			require.Nil(t, got)
			return
		}
		var want map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(body), &want))
		require.Equal(t, jws.Object(want), got)
	})
}
