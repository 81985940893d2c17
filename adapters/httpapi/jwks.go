package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
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
	KeyID     string   `json:"kid" example:"nLZ3yY0n7gkq" doc:"The kid that the header of a token names."`
	Algorithm string   `json:"alg" example:"EdDSA" doc:"The one algorithm that the key is good for."`
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
		description: "A JWK set (RFC 7517), for gateways and services that verify access tokens by themselves. That tells who a token was made for, " +
			"not whether its session still lives; for that ask `/forward-auth` or `/me`.",
		responses: map[string]*huma.Response{"200": {
			Description: "The keys that access tokens are or were lately signed with.",
			Content:     map[string]*huma.MediaType{contentTypeJWKS: {Schema: schema}},
		}},
	}, func(context.Context, *none) (*jwksOutput, error) {
		return &jwksOutput{ContentType: contentTypeJWKS, CacheControl: jwksCaching, Body: s.config.JWKS}, nil
	})
	// The document names the media type once: OpenAPI ignores this header.
	delete(s.api.OpenAPI().Paths[jwksPath].Get.Responses["200"].Headers, "Content-Type")
}
