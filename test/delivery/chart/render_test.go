package chart

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	v3loader "helm.sh/helm/v3/pkg/chart/loader"
	v3util "helm.sh/helm/v3/pkg/chartutil"
	v3engine "helm.sh/helm/v3/pkg/engine"
	v4common "helm.sh/helm/v4/pkg/chart/common"
	v4util "helm.sh/helm/v4/pkg/chart/common/util"
	v4loader "helm.sh/helm/v4/pkg/chart/v2/loader"
	v4engine "helm.sh/helm/v4/pkg/engine"
)

const (
	root     = "../../.."
	chartDir = root + "/helm/auth-service"
	release  = "auth-service"
	// namespace is the namespace of the chart in these tests.
	namespace = "accounts"
	// newest is a version of Kubernetes with everything that the chart uses. oldest is
	// the first version that Chart.yaml admits.
	newest, oldest = "1.37.0", "1.27.0"
)

// manifests are rendered templates by their path inside the chart.
type manifests map[string]string

// helm is a major version of Helm. render does the same as `helm template`,
// including the check of the schema.
type helm struct {
	name   string
	render func(values map[string]any, kubernetes string) (map[string]string, error)
}

var helms = []helm{{"Helm 3", renderV3}, {"Helm 4", renderV4}}

func renderV3(values map[string]any, kubernetes string) (map[string]string, error) {
	loaded, err := v3loader.Load(chartDir)
	if err != nil {
		return nil, err
	}
	version, err := v3util.ParseKubeVersion(kubernetes)
	if err != nil {
		return nil, err
	}
	capabilities := v3util.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	options := v3util.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := v3util.ToRenderValues(loaded, values, options, capabilities)
	if err != nil {
		return nil, err
	}
	return (v3engine.Engine{Strict: true}).Render(loaded, all)
}

func renderV4(values map[string]any, kubernetes string) (map[string]string, error) {
	loaded, err := v4loader.Load(chartDir)
	if err != nil {
		return nil, err
	}
	version, err := v4common.ParseKubeVersion(kubernetes)
	if err != nil {
		return nil, err
	}
	capabilities := v4common.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	options := v4common.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := v4util.ToRenderValues(loaded, values, options, capabilities)
	if err != nil {
		return nil, err
	}
	return (v4engine.Engine{Strict: true}).RenderWithContext(context.Background(), loaded, all)
}

// mustRender renders the chart with Helm 4 and drops empty documents.
func mustRender(t testing.TB, values map[string]any, kubernetes string) manifests {
	t.Helper()
	rendered, err := renderV4(values, kubernetes)
	require.NoError(t, err)
	return notEmpty(rendered)
}

// notEmpty drops empty templates and helpers, and the chart's name from paths.
func notEmpty(rendered map[string]string) manifests {
	found := manifests{}
	for path, text := range rendered {
		if strings.TrimSpace(text) != "" && !strings.HasSuffix(path, ".tpl") {
			found[strings.TrimPrefix(path, "auth-service/templates/")] = text
		}
	}
	return found
}

// objects returns the manifests without the notes, in the order of their paths.
func (m manifests) objects() []string {
	var texts []string
	for _, path := range slices.Sorted(maps.Keys(m)) {
		if path != "NOTES.txt" {
			texts = append(texts, m[path])
		}
	}
	return texts
}

// examples returns the values files of the chart by name. A file that extends
// another one names it in the -f of its command.
func examples(t testing.TB) map[string]map[string]any {
	t.Helper()
	paths, err := filepath.Glob(chartDir + "/examples/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 7, "the examples of the chart are missing")
	found := map[string]map[string]any{}
	for _, path := range paths {
		values := map[string]any{}
		files := []string{path}
		if filepath.Base(path) == "monitoring.yaml" {
			files = []string{filepath.Join(filepath.Dir(path), "production.yaml"), path}
		}
		for _, file := range files {
			one, err := v3util.ReadValuesFile(file)
			require.NoError(t, err)
			values = v3util.MergeTables(one, values)
		}
		found[strings.TrimSuffix(filepath.Base(path), ".yaml")] = values
	}
	return found
}

func TestExamples_RenderAlikeWithHelm3AndHelm4(t *testing.T) {
	t.Parallel()
	for name, values := range examples(t) {
		for _, kubernetes := range []string{oldest, "1.29.4", "1.30.0", newest} {
			t.Run(name+" on "+kubernetes, func(t *testing.T) {
				t.Parallel()
				var first manifests
				for _, helm := range helms {
					rendered, err := helm.render(values, kubernetes)
					require.NoError(t, err, helm.name)
					if first == nil {
						first = notEmpty(rendered)
						require.True(t, first["deployment.yaml"] != "" || first["statefulset.yaml"] != "")
						require.Contains(t, first, "NOTES.txt")
						continue
					}
					require.Equal(t, first, notEmpty(rendered), "%s differs from %s", helm.name, helms[0].name)
				}
			})
		}
	}
}

func TestDefaults_AreRefusedAndEveryMissingValueIsNamed(t *testing.T) {
	t.Parallel()
	for _, helm := range helms {
		_, err := helm.render(map[string]any{}, newest)
		for _, missing := range []string{"secrets.DATABASE_URL", "secrets.JWT_SECRET_KEY", "config.PUBLIC_URL", "config.SMTP_HOST"} {
			require.ErrorContains(t, err, missing+" is missing", helm.name)
		}
	}
}
