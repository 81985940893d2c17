package contract

func userTests() []storeTest { return nil }
func listTests() []storeTest { return nil }
func sessionTests() []storeTest { return nil }
func tokenTests() []storeTest { return nil }
func valueTests() []storeTest { return nil }
func unitTests() []storeTest { return nil }
func cancelTests() []storeTest { return nil }
func jobTests() []storeTest { return nil }
func raceTests() []storeTest { return nil }
func ruleRaceTests() []storeTest { return nil }
