//! Speaks Microsoft Graph.
