"""tieout: the open-source finance hub that makes commerce's books tie out."""
