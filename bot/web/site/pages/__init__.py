"""The pages of the site, one module for each section; each builds its routes."""
