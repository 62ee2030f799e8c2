"""What is said to somebody who sends faster than anybody reads."""

TOO_FAST = "您发得有点快，我一分钟最多答20条。请稍等一会儿再发，前面的内容都还在。"
