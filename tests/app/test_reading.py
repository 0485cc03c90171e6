"""What a person may look at: lists, filters, pages and single things."""
