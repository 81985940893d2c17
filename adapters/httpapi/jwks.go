package httpapi

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/domain"
)

const (
	jwksPath        = BasePath + "/.well-known/jwks.json"
	contentTypeJWKS = "application/jwk-set+json" // RFC 7517 section 8.5.2
	// jwksCaching lets verifiers keep the keys for 300 seconds: keys change by
	// hand, and a new one is shown before it signs.
	jwksCaching = "public, max-age=300"
)

type jwksOutput struct {
	ContentType  string `header:"Content-Type" doc:"The media type of a JWK set."`
	CacheControl string `header:"Cache-Control" doc:"How long the keys may be kept."`
	Body         []byte
}

// jwkSetBody describes a JWK set for the document. Config holds the set itself.
type jwkSetBody struct {
	Keys []jwkBody `json:"keys" doc:"Empty where tokens are signed with a shared secret."`
}

type jwkBody struct {
	_         struct{} `json:"-" additionalProperties:"true"`
	KeyType   string   `json:"kty" example:"OKP" doc:"The family of algorithms: OKP or RSA."`
	KeyID     string   `json:"kid" example:"nLZ3yY0n7gkq" doc:"The key id, as in the kid of a token's header."`
	Algorithm string   `json:"alg" example:"EdDSA" doc:"The only algorithm that the key is used with."`
	Use       string   `json:"use" example:"sig"`
	Curve     string   `json:"crv,omitempty" example:"Ed25519"`
	X         string   `json:"x,omitempty" example:"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" doc:"The public key of an OKP key."`
	Modulus   string   `json:"n,omitempty" doc:"The modulus of an RSA key."`
	Exponent  string   `json:"e,omitempty" doc:"The exponent of an RSA key." example:"AQAB"`
}

func (s *Server) jwksRoutes() {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[jwkSetBody](), true, "")
	public(s, endpoint{
		id: "listKeys", method: http.MethodGet, path: strings.TrimPrefix(jwksPath, BasePath), tag: tagGateway,
		summary: "Get the public keys of access tokens",
		description: "A JWK set (RFC 7517), for gateways and services that verify access tokens by themselves. A verified token names its user, " +
			"but does not prove that its session is still live; for that ask `/forward-auth` or `/me`. The media type is application/json, unless `Accept` prefers application/jwk-set+json.",
		refusals: []*domain.Error{domain.ErrHeadersTooLarge},
		responses: map[string]*huma.Response{"200": {
			Description: "The keys that sign access tokens now, or signed them lately.",
			Content:     map[string]*huma.MediaType{contentTypeJSON: {Schema: schema}, contentTypeJWKS: {Schema: schema}},
		}},
	}, func(ctx context.Context, _ *none) (*jwksOutput, error) {
		x := edge.ExchangeOf(ctx)
		x.AddHeader("Vary", headerAccept) // beside the Origin of CORS
		mediaType := contentTypeJSON
		if prefersJWKS(x.HeaderLines(headerAccept)) {
			mediaType = contentTypeJWKS
		}
		return &jwksOutput{ContentType: mediaType, CacheControl: jwksCaching, Body: s.config.JWKS}, nil
	})
	// The document names the media types once: OpenAPI ignores this header.
	delete(s.api.OpenAPI().Paths[jwksPath].Get.Responses["200"].Headers, "Content-Type")
}

// prefersJWKS reports whether the lines of Accept (RFC 9110 section 12.5.1) prefer the
// media type of JWK sets to JSON. A client that takes both gets JSON, because many
// libraries and proxies know no other. Parts that cannot be read count for nothing.
func prefersJWKS(accept [][]byte) bool {
	quality := map[string]float64{}
	for part := range strings.SplitSeq(string(bytes.Join(accept, []byte(","))), ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality[mediaType] = 1
		if q, given := params["q"]; given {
			quality[mediaType], _ = strconv.ParseFloat(q, 64) // 0 if it is no number
		}
	}
	asJSON := quality["*/*"]
	for _, closer := range []string{"application/*", contentTypeJSON} {
		if q, named := quality[closer]; named {
			asJSON = q
		}
	}
	return quality[contentTypeJWKS] > asJSON
}
