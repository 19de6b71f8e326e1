"""What the charts show. Where their marks stand is the business of the page's script."""
