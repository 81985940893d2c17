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

// Lint returns the linter's warnings about a Dockerfile, each as its rule and the
// detail; empty for a Dockerfile without warnings. Experimental rules count too. Lint
// asks no registry: every base image is accepted. Errors: a Dockerfile that cannot be
// built.
func Lint(ctx context.Context, text []byte) ([]string, error) {
	text = append([]byte("# check=experimental=all\n"), text...)
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", text)
	source.Definition = &llb.Definition{} // the text has no source that a build knows
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

// anyBase treats every image as an existing, bare one.
type anyBase struct{}

// ResolveImageConfig replaces the question to a registry.
func (anyBase) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}}
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		image.Platform = *opt.ImageOpt.Platform
	}
	config, err := json.Marshal(image)
	return ref, digest.FromBytes(config), config, err
}
