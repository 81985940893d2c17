package chart

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v3loader "helm.sh/helm/v3/pkg/chart/loader"
	v3util "helm.sh/helm/v3/pkg/chartutil"
	v4loader "helm.sh/helm/v4/pkg/chart/v2/loader"
	v4util "helm.sh/helm/v4/pkg/chart/v2/util"
)

// packages does `helm package` with Helm 3 and Helm 4, and returns the paths of the
// archives.
func packages(t *testing.T) map[string]string {
	t.Helper()
	three, err := v3loader.Load(chartDir)
	require.NoError(t, err)
	four, err := v4loader.Load(chartDir)
	require.NoError(t, err)
	found := map[string]string{}
	found["Helm 3"], err = v3util.Save(three, t.TempDir())
	require.NoError(t, err)
	found["Helm 4"], err = v4util.Save(four, t.TempDir())
	require.NoError(t, err)
	return found
}

// A release publishes the chart without its tests, under the name that
// .goreleaser.yaml expects.
func TestPackage_HoldsTheChart(t *testing.T) {
	t.Parallel()
	folder, err := v3loader.Load(chartDir)
	require.NoError(t, err)
	for name, archive := range packages(t) {
		packed, err := v3loader.Load(archive)
		require.NoError(t, err, name)
		assert.Equal(t, "auth-service-"+folder.Metadata.Version+".tgz", filepath.Base(archive), name)
		assert.Equal(t, folder.Metadata, packed.Metadata, name)
		files := map[string]string{}
		for _, file := range packed.Raw {
			files[file.Name] = string(file.Data)
			assert.False(t, strings.HasPrefix(file.Name, "tests/"), "%s: %s", name, file.Name)
		}
		for _, file := range folder.Raw {
			if file.Name != "Chart.yaml" { // Helm rewrites it
				assert.Equal(t, string(file.Data), files[file.Name], "%s: %s", name, file.Name)
			}
		}
		for _, needed := range []string{"README.md", "values.schema.json", "files/alerts.yaml", "files/dashboard.json", "templates/deployment.yaml"} {
			assert.Contains(t, files, needed, name)
		}
	}
}

// The chart installs the image of its own version, so a release has to have both.
// scripts/release checks both too.
func TestChart_HasOneVersion(t *testing.T) {
	t.Parallel()
	chart, err := v3loader.Load(chartDir)
	require.NoError(t, err)
	assert.Equal(t, chart.Metadata.Version, chart.Metadata.AppVersion)
	assert.Regexp(t, `^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$`, chart.Metadata.Version)
	pod := podOf(t, decode(t, mustRender(t, examples(t)["quickstart"], newest)))
	assert.Equal(t, "ghcr.io/seed543b3b27/auth-service:"+chart.Metadata.AppVersion, pod.Containers[0].Image)
}

// Before the first release, the chart's README explains how to install the chart with an
// image of one's own.
func TestREADME_InstallsAnImageOfOnesOwn(t *testing.T) {
	t.Parallel()
	values := examples(t)["quickstart"]
	source, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	text := string(source)
	built := regexp.MustCompile(`docker build .*-t (\S+):(\S+) \.`).FindStringSubmatch(text)
	require.NotNil(t, built)
	assert.Contains(t, text, "docker push "+built[1]+":"+built[2]+"\n")
	set := regexp.MustCompile(`--set (image\.\w+)=(\S+)`).FindAllStringSubmatch(text, -1)
	require.Len(t, set, 2)
	image := map[string]any{}
	for _, one := range set {
		image[strings.TrimPrefix(one[1], "image.")] = one[2]
	}
	values["image"] = image
	pod := podOf(t, decode(t, mustRender(t, values, newest)))
	assert.Equal(t, built[1]+":"+built[2], pod.Containers[0].Image)
}
