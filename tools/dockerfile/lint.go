package dockerfile

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Lint returns what the linter has to say of a Dockerfile, each as its rule and
// the detail, and nothing if it is flawless. Rules that are experimental count as
// well. No registry is asked: any base will do. Errors: a Dockerfile that no build
// could run.
func Lint(ctx context.Context, text []byte) ([]string, error) {
	text = append([]byte("# check=experimental=all\n"), text...)
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", text)
	source.Definition = &llb.Definition{} // the text came from nowhere that a build knows
	results, err := dockerfile2llb.DockerfileLint(ctx, text, dockerfile2llb.ConvertOpt{
		SourceMap:    source,
		MetaResolver: anyBase{},
	})
	if err != nil {
		return nil, fmt.Errorf("linting the Dockerfile: %w", err)
	}
	if results.Error != nil {
		return nil, fmt.Errorf("the Dockerfile does not build: %s", results.Error.Message)
	}
	warnings := make([]string, 0, len(results.Warnings))
	for i := range results.Warnings {
		warnings = append(warnings, results.Warnings[i].RuleName+": "+results.Warnings[i].Detail)
	}
	return warnings, nil
}

// anyBase takes every image for one that exists and is bare.
type anyBase struct{}

// ResolveImageConfig answers for a registry.
func (anyBase) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}}
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		image.Platform = *opt.ImageOpt.Platform
	}
	config, err := json.Marshal(image)
	return ref, digest.FromBytes(config), config, err
}
