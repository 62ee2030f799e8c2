"""The checker (校对): rules that find wrong, dated or unfinished wording in a text, each with its reason and its source."""
