package httpapi

func (s *Server) pageRoutes() error { return nil }
