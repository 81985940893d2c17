package chart

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v3loader "helm.sh/helm/v3/pkg/chart/loader"
	v3util "helm.sh/helm/v3/pkg/chartutil"
	v3engine "helm.sh/helm/v3/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	k8sschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/dynamic"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// cluster answers the lookups of a chart with one Deployment, or with nothing.
type cluster struct{ dynamic.Interface }

func (c cluster) GetClientFor(string, string) (dynamic.NamespaceableResourceInterface, bool, error) {
	return c.Resource(k8sschema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}), true, nil
}

// revision renders the Deployment as `helm upgrade` does beside the live one; nil for an installation.
func revision(t testing.TB, values map[string]any, live *appsv1.Deployment) []byte {
	t.Helper()
	loaded, err := v3loader.Load(chartDir)
	require.NoError(t, err)
	options := v3util.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: live == nil, IsUpgrade: live != nil}
	all, err := v3util.ToRenderValues(loaded, values, options, v3util.DefaultCapabilities.Copy())
	require.NoError(t, err)
	var objects []runtime.Object
	if live != nil {
		objects = append(objects, live)
	}
	rendered, err := v3engine.RenderWithClientProvider(loaded, all, cluster{dynamicfake.NewSimpleDynamicClient(scheme.Scheme, objects...)})
	require.NoError(t, err)
	text, err := yaml.YAMLToJSON([]byte(notEmpty(rendered)["deployment.yaml"]))
	require.NoError(t, err)
	return text
}

// apply changes the live Deployment from one revision to another. scale is what an autoscaler or kubectl does.
type apply func(t testing.TB, from, to []byte) (*appsv1.Deployment, error)
type scale func(t testing.TB, replicas int32) *appsv1.Deployment

// helm3 merges in the client, as Helm 3 does and Helm 4 does for releases of Helm 3.
func helm3() (apply, scale) {
	var live *appsv1.Deployment
	return func(t testing.TB, from, to []byte) (*appsv1.Deployment, error) {
			t.Helper()
			text := to
			if live != nil {
				current, err := json.Marshal(live)
				require.NoError(t, err)
				meta, err := strategicpatch.NewPatchMetaFromStruct(appsv1.Deployment{})
				require.NoError(t, err)
				patch, err := strategicpatch.CreateThreeWayMergePatch(from, to, current, meta, true)
				require.NoError(t, err)
				text, err = strategicpatch.StrategicMergePatch(current, patch, appsv1.Deployment{})
				require.NoError(t, err)
			}
			live = &appsv1.Deployment{}
			require.NoError(t, json.Unmarshal(text, live))
			if live.Spec.Replicas == nil {
				live.Spec.Replicas = new(int32)
				*live.Spec.Replicas = 1 // the default of the API server
			}
			return live, nil
		}, func(_ testing.TB, replicas int32) *appsv1.Deployment {
			live.Spec.Replicas = &replicas
			return live
		}
}

// helm4 applies in the server, where each field has an owner.
func helm4() (apply, scale) {
	var server kubernetes.Interface = fake.NewClientset()
	get := func(t testing.TB) *appsv1.Deployment {
		t.Helper()
		live, err := server.AppsV1().Deployments(namespace).Get(t.Context(), release, metav1.GetOptions{})
		require.NoError(t, err)
		return live
	}
	write := func(t testing.TB, replicas int32, manager string) *appsv1.Deployment {
		t.Helper()
		live := get(t)
		live.Spec.Replicas = &replicas
		live, err := server.AppsV1().Deployments(namespace).Update(t.Context(), live, metav1.UpdateOptions{FieldManager: manager})
		require.NoError(t, err)
		return live
	}
	return func(t testing.TB, _, to []byte) (*appsv1.Deployment, error) {
			t.Helper()
			_, err := server.AppsV1().Deployments(namespace).Patch(t.Context(), release, types.ApplyPatchType, to, metav1.PatchOptions{FieldManager: "helm"})
			if err != nil {
				return nil, err
			}
			live := get(t)
			if live.Spec.Replicas == nil {
				live = write(t, 1, "the API server's default")
			}
			return live, nil
		}, func(t testing.TB, replicas int32) *appsv1.Deployment {
			t.Helper()
			return write(t, replicas, "kube-controller-manager")
		}
}

var appliers = map[string]func() (apply, scale){"Helm 3": helm3, "Helm 4": helm4}

// autoscaled returns values with an autoscaler of at least two replicas.
func autoscaled(t testing.TB) map[string]any {
	t.Helper()
	values := examples(t)["redis"]
	values["autoscaling"] = map[string]any{"enabled": true, "minReplicas": 2, "maxReplicas": 9}
	return values
}

func TestReplicas_NeitherUpgradeNorRollbackChangesTheAutoscalersNumber(t *testing.T) {
	t.Parallel()
	for name, start := range appliers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply, scale := start()
			first := revision(t, autoscaled(t), nil)
			_, err := apply(t, nil, first)
			require.NoError(t, err)
			second := revision(t, autoscaled(t), scale(t, 4))
			live, err := apply(t, first, second)
			require.NoError(t, err)
			assert.EqualValues(t, 4, *live.Spec.Replicas)
			third := revision(t, autoscaled(t), scale(t, 7))
			live, err = apply(t, second, third)
			require.NoError(t, err)
			assert.EqualValues(t, 7, *live.Spec.Replicas)
			for _, back := range [][]byte{second, first} {
				live, err = apply(t, third, back)
				require.NoError(t, err)
				assert.EqualValues(t, 7, *live.Spec.Replicas)
			}
		})
	}
}

// A revision without a number after one with a number means one replica to Kubernetes. Therefore a
// Deployment that began with replicaCount keeps a number.
func TestReplicas_SwitchingTheAutoscalerOnKeepsThem(t *testing.T) {
	t.Parallel()
	for name, start := range appliers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply, scale := start()
			values := examples(t)["redis"]
			values["replicaCount"] = 5
			fixed := revision(t, values, nil)
			live, err := apply(t, nil, fixed)
			require.NoError(t, err)
			on := revision(t, autoscaled(t), live)
			live, err = apply(t, fixed, on)
			require.NoError(t, err)
			assert.EqualValues(t, 5, *live.Spec.Replicas)
			later := revision(t, autoscaled(t), scale(t, 8))
			live, err = apply(t, on, later)
			require.NoError(t, err)
			assert.EqualValues(t, 8, *live.Spec.Replicas)

			live, err = apply(t, later, on) // what README.md says of a rollback
			if name == "Helm 4" {
				require.ErrorContains(t, err, "conflict")
				return
			}
			require.NoError(t, err)
			assert.EqualValues(t, 5, *live.Spec.Replicas)
			live, err = apply(t, on, revision(t, autoscaled(t), nil))
			require.NoError(t, err)
			assert.EqualValues(t, 1, *live.Spec.Replicas, "the negative control")
		})
	}
}

// README's steps for a restore scale by kubectl before helm upgrade.
func TestReplicas_StartAgainAfterARestore(t *testing.T) {
	t.Parallel()
	fixed := examples(t)["redis"]
	fixed["replicaCount"] = 2
	for name, start := range appliers {
		for kind, values := range map[string]map[string]any{"autoscaled": autoscaled(t), "fixed": fixed} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				apply, scale := start()
				first := revision(t, values, nil)
				_, err := apply(t, nil, first)
				require.NoError(t, err)
				stopped := scale(t, 0)
				if name == "Helm 4" { // README: it changes no number that kubectl has set
					_, err = apply(t, first, revision(t, values, stopped))
					require.ErrorContains(t, err, "conflict")
				}
				second := revision(t, values, scale(t, 2))
				live, err := apply(t, first, second)
				require.NoError(t, err)
				assert.EqualValues(t, 2, *live.Spec.Replicas)
			})
		}
	}
}
