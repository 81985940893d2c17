// Package chart checks the Helm chart with Kubernetes' own types and with the program
// that the chart runs. It renders the chart with the libraries of Helm 3 and Helm 4, so
// neither has to be installed.
//
// It is a module of its own, because none of these libraries belongs to the
// service. helm/auth-service/tests describes the chart's behaviour in each case;
// helm-unittest runs them from here. Building it takes minutes the first time.
//
// Both engines run in strict mode, in which a missing key is an error. Helm 4
// drops null values and Helm 3 keeps them, so no default of the chart is null.
// kube-score needs a Kubernetes API that newer modules have dropped, so the
// separate module kubescore pins it.
//
//	go test .            # or make chart
//	go test . -update    # rewrites the tables of the chart's README and schema
package chart
