package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// objectJSON is a JSON object as text. The codec has refused duplicate names and invalid
// UTF-8 in it; domain.Metadata.Apply has the other rules.
type objectJSON string

// Schema implements huma.SchemaProvider.
func (objectJSON) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// MarshalJSONTo implements json.MarshalerTo.
func (o objectJSON) MarshalJSONTo(e *jsontext.Encoder) error { return e.WriteValue(jsontext.Value(o)) }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (o *objectJSON) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	value, err := d.ReadValue()
	*o = objectJSON(value)
	return err
}

// patchJSON is a JSON Merge Patch (RFC 7396) of an object, as text.
type patchJSON string

// Schema implements huma.SchemaProvider.
func (patchJSON) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Nullable: true}
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. It also gets null.
func (p *patchJSON) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return (*objectJSON)(p).UnmarshalJSONFrom(d)
}

// MarshalJSONTo implements json.MarshalerTo.
func (p patchJSON) MarshalJSONTo(e *jsontext.Encoder) error { return objectJSON(p).MarshalJSONTo(e) }

// MetadataMembers are what applications keep with a user.
type MetadataMembers struct {
	Profile objectJSON `json:"profile" doc:"What the user writes: a JSON object of any members, at most 8 KiB."`
	App     objectJSON `json:"app" doc:"What administrators write and the user reads: a JSON object of any members, at most 8 KiB."`
	Version int64      `json:"version" example:"3" doc:"How often profile and app have changed. A change with this version is refused with 409 if another change came first."`
}

// metadataOf returns the members for a user. A user without metadata has empty objects.
func metadataOf(user *domain.User, metadata *domain.Metadata) MetadataMembers {
	if metadata == nil {
		metadata = domain.NewMetadata(user.ID())
	}
	return MetadataMembers{Profile: objectJSON(metadata.Profile()), App: objectJSON(metadata.App()), Version: metadata.Version()}
}

// accountBody is a user with its metadata.
type accountBody struct {
	UserMembers
	MetadataMembers
}

func accountOf(user *domain.User, metadata *domain.Metadata) accountBody {
	return accountBody{userOf(user), metadataOf(user, metadata)}
}

type accountOutput struct{ Body accountBody }

func accountOutputOf(result ports.UserResult) *accountOutput {
	return &accountOutput{Body: accountOf(result.User, result.Metadata)}
}

type changeProfileInput struct{ Body changeProfileRequest }

type changeProfileRequest struct {
	Profile patchJSON `json:"profile" doc:"What changes, as a JSON Merge Patch (RFC 7396): members that are null are deleted, objects are merged, other values replace. null empties the profile."`
	Version *int64    `json:"version,omitempty" minimum:"0" example:"3" doc:"The version that the change was made for. If it is not the current one, the answer is 409 version_conflict. If left out, the change applies to the current version."`
}

func (s *Server) profileRoutes() {
	protected(s, endpoint{
		operation: ports.OpChangeProfile, method: http.MethodPatch, path: "/me", tag: tagAccount,
		summary: "Change the profile",
		description: "Changes `profile`, where the application keeps what the user may write. Access tokens carry changed values from the next refresh on, if the operator " +
			"chose them with `ACCESS_TOKEN_CLAIMS`. Such a value must be a text without control characters, a number, a boolean or a list of texts, of at most 256 bytes.",
	}, s.changeProfile)
}

func (s *Server) changeProfile(ctx context.Context, p domain.Principal, in *changeProfileInput) (*accountOutput, error) {
	result, err := s.useCases.ChangeProfile.Execute(ctx, ports.ChangeProfileCommand{
		Principal: p,
		Profile:   string(in.Body.Profile),
		Version:   in.Body.Version,
		Origin:    originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return accountOutputOf(result), nil
}
